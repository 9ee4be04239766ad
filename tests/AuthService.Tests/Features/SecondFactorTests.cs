using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Tests.Features;

public sealed class SecondFactorTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private const string Profile = "/-/npm/v1/user";
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task A_second_factor_is_in_force_once_a_code_has_confirmed_it()
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        var asked = await AuthHost.JsonOf(await Authenticator.AskAsync(_host, caller, "auth-only"));
        var pending = await Authenticator.ProfileAsync(_host, caller);
        using var wrong = await _host.SendAsync(HttpMethod.Post, Profile, new { tfa = new[] { "abcdef" } }, caller);
        using var login = await _host.LogInAsync(caller.UserName!);

        asked.GetProperty("tfa").GetString()!.ShouldStartWith($"otpauth://totp/registry.test:{caller.UserName}?secret=");
        pending.GetProperty("pending").GetBoolean().ShouldBeTrue();
        pending.GetProperty("mode").GetString().ShouldBe("auth-only");
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        login.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("auth-only", SecondFactorNeed.Account)]
    [InlineData("auth-and-writes", SecondFactorNeed.Writes)]
    public async Task What_it_is_needed_for_is_in_every_introspection(string mode, SecondFactorNeed need)
    {
        var token = await _host.SignUpAsync(AuthHost.NewName());
        var account = await Authenticator.EnrolAsync(_host, mode);
        var session = await LogInWithAsync(account, account.RecoveryCodes[0]);
        var automation = await AuthHost.JsonOf(await _host.SendAsync(
            HttpMethod.Post, "/-/npm/v1/tokens", new { password = AuthHost.Password, bypass_2fa = true }, account.CallerWithCode));

        (await _host.IntrospectAsync(session)).Caller.SecondFactor.ShouldBe(new SecondFactor(need));
        (await _host.IntrospectAsync(automation.GetProperty("token").GetString()!)).Caller.SecondFactor.ShouldBe(new SecondFactor(SecondFactorNeed.Automation));
        (await _host.IntrospectAsync(AuthHost.Password, account.Name)).Caller.SecondFactor.ShouldBe(new SecondFactor(SecondFactorNeed.Everything));
        (await _host.IntrospectAsync(token)).Caller.SecondFactor.ShouldBeNull();
        (await _host.CountEventsAsync(account.Caller.CredentialId!)).ShouldBe(1, "what was remembered of its token is forgotten");
        (await Authenticator.ProfileAsync(_host, account.Caller)).GetProperty("mode").GetString().ShouldBe(mode);
        account.RecoveryCodes.Count.ShouldBe(5);
        account.RecoveryCodes.ShouldAllBe(code => code.Length == 64); // what npm takes where it asks for a code
    }

    [Fact]
    public async Task Logging_in_needs_a_code_that_clients_know_to_ask_for()
    {
        var account = await Authenticator.EnrolAsync(_host, "auth-only");

        using var without = await _host.LogInAsync(account.Name);
        using var wrong = await LogInAsync(account, "000000x");
        using var wrongPassword = await _host.LogInAsync(account.Name, "not the password");
        using var right = await LogInAsync(account, account.NextCode);

        foreach (var challenge in new[] { without, wrong })
        {
            challenge.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            challenge.Headers.WwwAuthenticate.ToString().ShouldBe("OTP");
            (await AuthHost.SentenceOf(challenge)).ShouldContain("one-time pass"); // npm, pnpm and bun look for it
        }

        (await AuthHost.JsonOf(wrongPassword)).GetProperty("code").GetString().ShouldBe("wrong_password");
        right.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_code_counts_once_for_one_operation_which_may_be_repeated()
    {
        var account = await Authenticator.EnrolAsync(_host);
        foreach (var code in new[] { account.NextCode, account.RecoveryCodes[0], account.RecoveryCodes[1].ToUpperInvariant() })
        {
            (await CheckAsync(account, code, "publish")).Accepted.ShouldBeTrue();
            (await CheckAsync(account, code, "publish")).Accepted.ShouldBeTrue(); // npm repeats what met a 5xx
            (await CheckAsync(account, code, "something else")).Accepted.ShouldBeFalse();
        }

        (await CheckAsync(account, account.OldCode, "publish")).Accepted.ShouldBeFalse();
        (await CheckAsync(account, "", "publish")).Accepted.ShouldBeFalse();
    }

    [Fact]
    public async Task Of_ten_operations_with_one_code_at_once_one_is_let_through()
    {
        var account = await Authenticator.EnrolAsync(_host);

        var answers = await Task.WhenAll(Enumerable.Range(0, 9).Select(i => CheckAsync(account, account.RecoveryCodes[0], $"operation {i}")));

        answers.Count(answer => answer.Accepted).ShouldBe(1);
    }

    [Fact]
    public async Task Guessing_codes_is_bounded_for_the_account_wherever_it_comes_from()
    {
        var account = await Authenticator.EnrolAsync(_host);
        for (var i = 0; i < 10; i++)
        {
            (await CheckAsync(account, "00000x", "publish")).RetryAfterSeconds.ShouldBeNull();
        }

        var answer = await CheckAsync(account, account.NextCode, "publish");
        using var login = await LogInAsync(account, account.NextCode);

        answer.Accepted.ShouldBeFalse();
        answer.RetryAfterSeconds!.Value.ShouldBeInRange(1, 900);
        login.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Whoever_has_only_a_token_and_the_password_cannot_change_it()
    {
        var account = await Authenticator.EnrolAsync(_host);

        foreach (var mode in new[] { "disable", "auth-only" })
        {
            using var refused = await Authenticator.AskAsync(_host, account.Caller, mode); // as the Gateway may still remember it

            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            refused.Headers.WwwAuthenticate.ToString().ShouldBe("OTP");
        }

        using var disabled = await Authenticator.AskAsync(_host, account.CallerWithCode, "disable");
        disabled.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await AuthHost.JsonOf(disabled)).GetProperty("tfa").ValueKind.ShouldBe(JsonValueKind.False);
        (await _host.LogInAsync(account.Name)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await CheckAsync(account, account.RecoveryCodes[0], "publish")).Accepted.ShouldBeFalse();
    }

    [Theory]
    [InlineData("npm/10.9.9 node/v22.0.0", JsonValueKind.Null)]
    [InlineData("npm/11.2.0 node/v22.0.0", JsonValueKind.Null)]
    [InlineData("npm/11.4.2 node/v22.0.0", JsonValueKind.Object)]
    public async Task A_changed_mode_is_answered_as_each_npm_expects(string client, JsonValueKind kind)
    {
        var account = await Authenticator.EnrolAsync(_host);

        var answer = await AuthHost.JsonOf(await Authenticator.AskAsync(_host, account.CallerWithCode, "auth-only", client));

        answer.GetProperty("tfa").ValueKind.ShouldBe(kind);
        (await Authenticator.ProfileAsync(_host, account.Caller)).GetProperty("mode").GetString().ShouldBe("auth-only");
    }

    [Fact]
    public async Task A_pending_one_is_begun_anew_and_given_up_with_the_password_alone()
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());
        var first = await AuthHost.JsonOf(await Authenticator.AskAsync(_host, caller, "auth-only"));
        var second = await AuthHost.JsonOf(await Authenticator.AskAsync(_host, caller, "auth-only"));

        using var given = await Authenticator.AskAsync(_host, caller, "disable");

        second.GetProperty("tfa").GetString().ShouldNotBe(first.GetProperty("tfa").GetString());
        given.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Authenticator.ProfileAsync(_host, caller)).ValueKind.ShouldBe(JsonValueKind.False);
    }

    [Theory]
    [InlineData(SecondFactorNeed.Account, "POST", "/-/npm/v1/tokens", HttpStatusCode.Unauthorized)]
    [InlineData(SecondFactorNeed.Automation, "POST", "/-/npm/v1/tokens", HttpStatusCode.Unauthorized)]
    [InlineData(SecondFactorNeed.Account, "DELETE", "/-/npm/v1/tokens/token/x", HttpStatusCode.NotFound)]
    [InlineData(SecondFactorNeed.Writes, "DELETE", "/-/npm/v1/tokens/token/x", HttpStatusCode.Unauthorized)]
    [InlineData(SecondFactorNeed.Automation, "DELETE", "/-/npm/v1/tokens/token/x", HttpStatusCode.NotFound)]
    [InlineData(SecondFactorNeed.Writes, "DELETE", "/-/user/token/x", HttpStatusCode.NotFound)]
    [InlineData(SecondFactorNeed.Writes, "GET", "/-/npm/v1/tokens", HttpStatusCode.OK)]
    [InlineData(SecondFactorNeed.Writes, "POST", Profile, HttpStatusCode.Unauthorized)]
    [InlineData(SecondFactorNeed.Account, "POST", Profile, HttpStatusCode.OK)]
    public async Task It_is_demanded_for_what_it_is_needed_for(SecondFactorNeed need, string method, string path, HttpStatusCode expected)
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        using var response = await _host.SendAsync(
            new HttpMethod(method), path, method == "POST" ? new { fullname = "Ada" } : null, caller with { SecondFactor = new SecondFactor(need) });

        response.StatusCode.ShouldBe(expected);
        response.Headers.WwwAuthenticate.ToString().ShouldBe(expected == HttpStatusCode.Unauthorized ? "OTP" : "");
    }

    [Fact]
    public async Task Changing_the_password_needs_it_in_every_mode()
    {
        var account = await Authenticator.EnrolAsync(_host, "auth-only");
        var body = new { password = new { old = AuthHost.Password, @new = "another password" } };

        using var refused = await _host.SendAsync(
            HttpMethod.Post, Profile, body, account.Caller with { SecondFactor = new SecondFactor(SecondFactorNeed.Account) });
        using var changed = await _host.SendAsync(HttpMethod.Post, Profile, body, account.CallerWithCode);

        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_operator_takes_it_away_from_whoever_has_lost_it()
    {
        var account = await Authenticator.EnrolAsync(_host);

        using var absent = await _host.SendInternalAsync(HttpMethod.Delete, "/internal/accounts/nobody-here/second-factor");
        using var done = await _host.SendInternalAsync(HttpMethod.Delete, $"/internal/accounts/{account.Name}/second-factor");

        absent.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        done.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _host.LogInAsync(account.Name)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await _host.WithDatabaseAsync(db => db.RecoveryCodes.CountAsync(code => code.AccountId == account.Caller.UserId))).ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_key_nobody_can_enrol()
    {
        await using var host = await AuthHost.StartAsync();
        var caller = await host.CallerAsync("alice");

        using var response = await Authenticator.AskAsync(host, caller, "auth-only");

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await AuthHost.JsonOf(response)).GetProperty("code").GetString().ShouldBe("second_factor_unavailable");
    }

    private Task<HttpResponseMessage> LogInAsync(Authenticator account, string code) =>
        _host.SendAsync(
            HttpMethod.Put,
            $"/-/user/org.couchdb.user:{account.Name}",
            AuthHost.UserDocument(account.Name, AuthHost.Password),
            headers: new Dictionary<string, string> { ["npm-otp"] = code });

    private async Task<string> LogInWithAsync(Authenticator account, string code)
    {
        using var response = await LogInAsync(account, code);
        return (await AuthHost.JsonOf(response)).GetProperty("token").GetString()!;
    }

    private async Task<SecondFactorResponse> CheckAsync(Authenticator account, string code, string operation)
    {
        using var response = await _host.SendInternalAsync(
            HttpMethod.Post, AuthRoutes.SecondFactor, new SecondFactorRequest(account.Caller.UserId!, code, operation));
        return (await response.Content.ReadFromJsonAsync<SecondFactorResponse>(RegistryJson.Options))!;
    }
}
