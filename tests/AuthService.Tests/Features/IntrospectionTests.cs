using System.Net;
using System.Net.Http.Json;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Features.Introspection;
using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Tests.Features;

public sealed class IntrospectionTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task A_token_names_its_account()
    {
        var name = AuthHost.NewName();
        var token = await _host.SignUpAsync(name);

        var answer = await _host.IntrospectAsync(token);

        answer.Caller.Credential.ShouldBe(CredentialState.Accepted);
        answer.Caller.UserName.ShouldBe(name);
        answer.Caller.Email.ShouldBe($"{name}@example.test");
        answer.Caller.IsAdministrator.ShouldBeFalse();
        answer.Caller.CredentialId!.ShouldStartWith("token:");
        answer.Caller.Limits.ShouldBeNull();
        answer.ExpiresAt.ShouldBeNull();
        answer.RetryAfterSeconds.ShouldBeNull();
    }

    [Fact]
    public async Task Every_form_of_basic_is_understood()
    {
        var name = AuthHost.NewName();
        var token = await _host.SignUpAsync(name);

        var password = (await _host.IntrospectAsync(AuthHost.Password, name)).Caller;
        var nameAndToken = (await _host.IntrospectAsync(token, name)).Caller;
        var anyAndToken = (await _host.IntrospectAsync(token, "_token")).Caller;
        var tokenAsName = (await _host.IntrospectAsync("", token)).Caller;
        var tokenAndAny = (await _host.IntrospectAsync("x-oauth-basic", token)).Caller;

        password.UserName.ShouldBe(name);
        password.CredentialId.ShouldBe($"password:{password.UserId}");
        new[] { nameAndToken, anyAndToken, tokenAsName, tokenAndAny }.ShouldAllBe(caller => caller.UserName == name && caller.CredentialId!.StartsWith("token:"));
    }

    [Theory]
    [InlineData("wrong password", "NAME")]
    [InlineData("correct horse battery", "nobody-of-this-name")]
    [InlineData("correct horse battery", "NOT A NAME")]
    [InlineData("", "NAME")]
    [InlineData("correct horse battery", null)]
    [InlineData("reg_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", null)]
    [InlineData("reg_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "NAME")]
    public async Task Every_refusal_looks_the_same(string secret, string? userName)
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);

        using var response = await _host.SendInternalAsync(
            HttpMethod.Post, AuthRoutes.Introspect, new IntrospectRequest(secret, userName == "NAME" ? name : userName, AuthHost.NewAddress()));

        (await response.Content.ReadAsStringAsync()).ShouldBe(
            """{"caller":{"credential":"rejected","isAdministrator":false,"organisationIds":[],"teamIds":[]}}""");
    }

    [Fact]
    public async Task A_token_expires()
    {
        var token = await CreateTokenAsync(AuthHost.NewName(), expiresInDays: 2);
        var secret = token.Secret;

        var before = await ResolveAsync(secret, token.Token.CreatedAt.AddDays(2).AddSeconds(-1));
        var after = await ResolveAsync(secret, token.Token.CreatedAt.AddDays(2));

        before.Caller.Credential.ShouldBe(CredentialState.Accepted);
        before.ExpiresAt.ShouldNotBeNull().ShouldBe(token.Token.CreatedAt.AddDays(2), TimeSpan.FromMilliseconds(1));
        after.Caller.ShouldBe(Caller.Rejected);
    }

    [Fact]
    public async Task The_last_use_is_noted_once_a_minute_not_with_every_request()
    {
        var (token, secret) = await CreateTokenAsync(AuthHost.NewName());
        var first = new DateTimeOffset(2040, 1, 1, 12, 0, 0, TimeSpan.Zero);

        await ResolveAsync(secret, first);
        await ResolveAsync(secret, first.AddSeconds(59));
        var withinTheMinute = await LastUseAsync(token.Id);
        await ResolveAsync(secret, first.AddSeconds(60));

        withinTheMinute.ShouldBe(first);
        (await LastUseAsync(token.Id)).ShouldBe(first.AddSeconds(60));
    }

    [Theory]
    [InlineData("192.0.2.7", true)]
    [InlineData("::ffff:192.0.2.7", true)]
    [InlineData("2001:db8:1::5", true)]
    [InlineData("203.0.113.5", true)]
    [InlineData("192.0.3.7", false)]
    [InlineData("2001:db8:2::5", false)]
    [InlineData("nonsense", false)]
    [InlineData(null, false)]
    public async Task A_token_may_be_bound_to_addresses(string? address, bool accepted)
    {
        var (_, secret) = await CreateTokenAsync(AuthHost.NewName(), cidrs: ["192.0.2.0/24", "2001:db8:1::/48", "203.0.113.5"]);

        using var response = await _host.SendInternalAsync(HttpMethod.Post, AuthRoutes.Introspect, new IntrospectRequest(secret, null, address));

        var answer = (await response.Content.ReadFromJsonAsync<IntrospectResponse>(RegistryJson.Options))!;
        answer.Caller.Credential.ShouldBe(accepted ? CredentialState.Accepted : CredentialState.Rejected);
    }

    [Fact]
    public async Task A_disabled_account_has_no_credentials_until_it_is_enabled()
    {
        var name = AuthHost.NewName();
        var token = await _host.SignUpAsync(name);
        var caller = (await _host.IntrospectAsync(token)).Caller;

        (await _host.SendInternalAsync(HttpMethod.Put, $"/internal/accounts/{name}/disabled")).EnsureSuccessStatusCode();
        var whileDisabled = await _host.IntrospectAsync(token);
        var password = await _host.IntrospectAsync(AuthHost.Password, name);
        using var login = await _host.LogInAsync(name);
        (await _host.SendInternalAsync(HttpMethod.Delete, $"/internal/accounts/{name}/disabled")).EnsureSuccessStatusCode();

        whileDisabled.Caller.Credential.ShouldBe(CredentialState.Rejected);
        password.Caller.Credential.ShouldBe(CredentialState.Rejected);
        login.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _host.CountEventsAsync(caller.CredentialId!)).ShouldBe(1);
        (await _host.CountEventsAsync($"password:{caller.UserId}")).ShouldBe(1);
        (await _host.IntrospectAsync(token)).Caller.Credential.ShouldBe(CredentialState.Accepted);
    }

    [Fact]
    public async Task A_users_assertion_does_not_open_it()
    {
        using var response = await _host.SendAsync(
            HttpMethod.Post, AuthRoutes.Introspect, new IntrospectRequest("x", null, null), await _host.CallerAsync(AuthHost.NewName()));

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound); // it reaches the mount's dialect only
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("")]
    public async Task A_malformed_question_is_400(string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var response = await _host.SendInternalAsync(HttpMethod.Post, AuthRoutes.Introspect, content);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_old_hash_is_renewed_by_the_next_right_password()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);
        var before = await HashAsync(name);
        await using var stricter = await _host.StartReplicaAsync(("Accounts:PasswordIterations", "110000"), ("Accounts:Exposed", "false"));
        using var client = stricter.ClientForService(ServiceNames.Gateway);

        using var response = await client.PostAsJsonAsync(AuthRoutes.Introspect, new IntrospectRequest(AuthHost.Password, name, AuthHost.NewAddress()));

        (await response.Content.ReadFromJsonAsync<IntrospectResponse>(RegistryJson.Options))!.Caller.UserName.ShouldBe(name);
        (await HashAsync(name)).ShouldNotBe(before);
        (await _host.IntrospectAsync(AuthHost.Password, name)).Caller.UserName.ShouldBe(name);
    }

    private Task<string> HashAsync(string name) =>
        _host.WithDatabaseAsync(db => db.Accounts.Where(a => a.Name == name).Select(a => a.PasswordHash).SingleAsync());

    private Task<DateTimeOffset?> LastUseAsync(string id) =>
        _host.WithDatabaseAsync(db => db.AccessTokens.Where(t => t.Id == id).Select(t => t.LastUsedAt).SingleAsync());

    private async Task<CreateTokenResponse> CreateTokenAsync(string name, int? expiresInDays = null, string[]? cidrs = null)
    {
        await _host.SignUpAsync(name);
        using var response = await _host.SendInternalAsync(
            HttpMethod.Post, AuthRoutes.Tokens, new CreateTokenRequest(name, "ci", false, expiresInDays, null, null, cidrs));
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (await response.Content.ReadFromJsonAsync<CreateTokenResponse>(RegistryJson.Options))!;
    }

    /// <summary>Introspects at another time than now.</summary>
    private async Task<IntrospectResponse> ResolveAsync(string secret, DateTimeOffset now)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        var introspect = new IntrospectCredential(
            scope.ServiceProvider.GetRequiredService<AuthDbContext>(), scope.ServiceProvider.GetRequiredService<CheckPassword>(), new StoppedClock(now));
        return await introspect.ExecuteAsync(new IntrospectRequest(secret, null, null), default);
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
