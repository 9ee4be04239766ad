using System.Net;
using System.Net.Http.Json;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Tests.Features;

public sealed class OperatorTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task An_account_made_without_a_password_gets_one_that_works()
    {
        var name = AuthHost.NewName();

        var created = await CreateAccountAsync(new CreateAccountRequest(name, null, "a@example.test", true));

        created.Account.Name.ShouldBe(name);
        created.Account.IsAdministrator.ShouldBeTrue();
        var caller = (await _host.IntrospectAsync(created.Password!, name)).Caller;
        caller.UserId.ShouldBe(created.Account.Id);
        caller.IsAdministrator.ShouldBeTrue();
    }

    [Fact]
    public async Task A_given_password_is_not_echoed()
    {
        var name = AuthHost.NewName();

        var created = await CreateAccountAsync(new CreateAccountRequest(name, AuthHost.Password, null, false));

        created.Password.ShouldBeNull();
        (await _host.IntrospectAsync(AuthHost.Password, name)).Caller.IsAdministrator.ShouldBeFalse();
    }

    [Theory]
    [InlineData("Bad Name", "long enough", null, HttpStatusCode.BadRequest)]
    [InlineData("good-name", "short", null, HttpStatusCode.BadRequest)]
    [InlineData("good-name", "long enough", "bad@", HttpStatusCode.BadRequest)]
    [InlineData(null, "long enough", null, HttpStatusCode.BadRequest)]
    public async Task A_malformed_account_is_400(string? name, string? password, string? email, HttpStatusCode expected)
    {
        using var response = await _host.SendInternalAsync(
            HttpMethod.Post, AuthRoutes.Accounts, new CreateAccountRequest(name!, password, email, false));

        response.StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task A_taken_name_is_409()
    {
        var name = AuthHost.NewName();
        await CreateAccountAsync(new CreateAccountRequest(name, null, null, false));

        using var response = await _host.SendInternalAsync(HttpMethod.Post, AuthRoutes.Accounts, new CreateAccountRequest(name, null, null, true));

        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Accounts_are_listed_by_name()
    {
        await using var host = await AuthHost.StartAsync();
        await host.SignUpAsync("bob");
        await host.SignUpAsync("alice");

        var all = await ReadAsync<List<AccountResponse>>(await host.SendInternalAsync(HttpMethod.Get, AuthRoutes.Accounts));
        var after = await ReadAsync<List<AccountResponse>>(await host.SendInternalAsync(HttpMethod.Get, AuthRoutes.Accounts + "?after=alice"));

        all.ConvertAll(account => account.Name).ShouldBe(["alice", "bob"]);
        after.ConvertAll(account => account.Name).ShouldBe(["bob"]);
    }

    [Fact]
    public async Task A_new_password_replaces_the_old_one_and_is_told_of()
    {
        var name = AuthHost.NewName();
        var caller = await _host.CallerAsync(name);

        var answer = await ReadAsync<SetPasswordResponse>(
            await _host.SendInternalAsync(HttpMethod.Put, $"/internal/accounts/{name}/password", new SetPasswordRequest(null)));

        (await _host.IntrospectAsync(answer.Password!, name)).Caller.UserName.ShouldBe(name);
        (await _host.IntrospectAsync(AuthHost.Password, name)).Caller.Credential.ShouldBe(CredentialState.Rejected);
        (await _host.CountEventsAsync($"password:{caller.UserId}")).ShouldBe(1);
    }

    [Theory]
    [InlineData("short", HttpStatusCode.BadRequest)]
    [InlineData("long enough", HttpStatusCode.NotFound)]
    [InlineData("reg_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", HttpStatusCode.BadRequest)]
    public async Task A_password_is_refused_with_its_reason(string password, HttpStatusCode expected)
    {
        using var response = await _host.SendInternalAsync(
            HttpMethod.Put, "/internal/accounts/nobody-of-this-name/password", new SetPasswordRequest(password));

        response.StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task A_token_is_made_listed_and_revoked()
    {
        var name = AuthHost.NewName();
        await CreateAccountAsync(new CreateAccountRequest(name, null, null, false));

        var made = await CreateTokenAsync(new CreateTokenRequest(name, "ci", true, 30, ["@acme/a"], ["@acme"], null));
        var caller = (await _host.IntrospectAsync(made.Secret)).Caller;
        var listed = await TokensOfAsync(name);
        using var revoked = await _host.SendInternalAsync(HttpMethod.Delete, $"/internal/tokens/{made.Token.Id}");
        using var again = await _host.SendInternalAsync(HttpMethod.Delete, $"/internal/tokens/{made.Token.Id}");

        made.Secret.ShouldStartWith(made.Token.Hint);
        caller.CredentialId.ShouldBe($"token:{made.Token.Id}");
        caller.Limits!.ReadOnly.ShouldBeTrue();
        caller.Limits.Packages.ShouldBe(["@acme/a"]);
        caller.Limits.Scopes.ShouldBe(["acme"]);
        listed.ConvertAll(token => token.Id).ShouldBe([made.Token.Id]);
        listed[0].Name.ShouldBe("ci");
        revoked.StatusCode.ShouldBe(HttpStatusCode.OK);
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await TokensOfAsync(name)).ShouldBeEmpty();
        (await _host.IntrospectAsync(made.Secret)).Caller.Credential.ShouldBe(CredentialState.Rejected);
        (await _host.CountEventsAsync(caller.CredentialId!)).ShouldBe(1);
    }

    [Fact]
    public async Task A_token_made_by_npm_is_named_after_it()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);

        (await TokensOfAsync(name)).ShouldHaveSingleItem().Name.ShouldBe("npm login");
    }

    [Fact]
    public async Task Logging_in_beyond_the_bound_retires_the_token_unused_for_longest()
    {
        await using var host = await AuthHost.StartAsync(("Accounts:MaxTokensPerAccount", "2"));
        var name = AuthHost.NewName();
        var first = await host.SignUpAsync(name);
        var second = await host.SignUpAsync(name);
        var used = (await host.IntrospectAsync(first)).Caller;

        var third = await host.SignUpAsync(name);

        used.UserName.ShouldBe(name);
        (await host.IntrospectAsync(second)).Caller.Credential.ShouldBe(CredentialState.Rejected);
        (await host.IntrospectAsync(first)).Caller.UserName.ShouldBe(name);
        (await host.IntrospectAsync(third)).Caller.UserName.ShouldBe(name);
    }

    [Theory]
    [InlineData("", null, null)]
    [InlineData("ci", 0, null)]
    [InlineData("ci", 3651, null)]
    [InlineData("ci", null, "nonsense")]
    [InlineData("ci", null, "10.0.0.0/33")]
    public async Task A_malformed_token_is_400(string tokenName, int? days, string? cidr)
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);

        using var response = await _host.SendInternalAsync(
            HttpMethod.Post, AuthRoutes.Tokens, new CreateTokenRequest(name, tokenName, false, days, null, null, cidr is null ? null : [cidr]));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_empty_or_endless_list_of_limits_is_400()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);

        using var empty = await _host.SendInternalAsync(HttpMethod.Post, AuthRoutes.Tokens, new CreateTokenRequest(name, null, false, null, [], null, null));
        using var endless = await _host.SendInternalAsync(
            HttpMethod.Post, AuthRoutes.Tokens, new CreateTokenRequest(name, null, false, null, null, [.. Enumerable.Repeat("s", 101)], null));

        empty.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        endless.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Tokens_of_an_absent_account_are_404()
    {
        using var list = await _host.SendInternalAsync(HttpMethod.Get, AuthRoutes.Tokens + "?user=nobody-of-this-name");
        using var create = await _host.SendInternalAsync(
            HttpMethod.Post, AuthRoutes.Tokens, new CreateTokenRequest("nobody-of-this-name", null, false, null, null, null, null));

        list.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        create.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("GET", AuthRoutes.Accounts)]
    [InlineData("POST", AuthRoutes.Accounts)]
    [InlineData("POST", AuthRoutes.Tokens)]
    [InlineData("POST", AuthRoutes.Invitations)]
    [InlineData("GET", AuthRoutes.Setup)]
    [InlineData("POST", AuthRoutes.ClaimScope)]
    public async Task Users_and_strangers_do_not_reach_the_operators_routes(string method, string path)
    {
        var administrator = new Caller { Credential = CredentialState.Accepted, UserId = "x", UserName = "x", IsAdministrator = true };

        using var user = await _host.SendAsync(new HttpMethod(method), path, new { }, administrator, dialect: Dialects.Native);
        using var stranger = await _host.SendBareAsync(new HttpMethod(method), path, new { });

        user.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        stranger.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private async Task<CreateAccountResponse> CreateAccountAsync(CreateAccountRequest request) =>
        await ReadAsync<CreateAccountResponse>(await _host.SendInternalAsync(HttpMethod.Post, AuthRoutes.Accounts, request));

    private async Task<CreateTokenResponse> CreateTokenAsync(CreateTokenRequest request) =>
        await ReadAsync<CreateTokenResponse>(await _host.SendInternalAsync(HttpMethod.Post, AuthRoutes.Tokens, request));

    private async Task<List<TokenResponse>> TokensOfAsync(string name) =>
        await ReadAsync<List<TokenResponse>>(await _host.SendInternalAsync(HttpMethod.Get, $"{AuthRoutes.Tokens}?user={name}"));

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        using (response)
        {
            response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
            return (await response.Content.ReadFromJsonAsync<T>(RegistryJson.Options))!;
        }
    }
}
