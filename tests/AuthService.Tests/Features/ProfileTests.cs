using System.Net;
using System.Text;
using System.Text.Json;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;

namespace Registry.AuthService.Tests.Features;

public sealed class ProfileTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private const string Route = "/-/npm/v1/user";
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task A_profile_has_every_member_that_npm_reads()
    {
        var name = AuthHost.NewName();
        var caller = await _host.CallerAsync(name);

        var profile = await AuthHost.JsonOf(await _host.SendAsync(HttpMethod.Get, Route, caller: caller));

        profile.EnumerateObject().Select(member => member.Name).ShouldBe(
            ["name", "created", "updated", "email", "email_verified", "fullname", "homepage", "github", "twitter", "freenode", "cidr_whitelist", "tfa"], ignoreOrder: true);
        profile.GetProperty("email").GetString().ShouldBe($"{name}@example.test");
        profile.GetProperty("fullname").ValueKind.ShouldBe(JsonValueKind.Null);
        profile.GetProperty("tfa").ValueKind.ShouldBe(JsonValueKind.False);
    }

    [Fact]
    public async Task Any_subset_is_set_and_null_or_an_empty_string_clears()
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        var set = await AuthHost.JsonOf(await ChangeAsync(caller, """{"fullname":"Ada","homepage":"http://ada.example.test","github":"ada","twitter":"t","freenode":"f","email":"new@example.test","created":"x"}"""));
        var cleared = await AuthHost.JsonOf(await ChangeAsync(caller, """{"fullname":null,"homepage":""}"""));

        Texts(set).ShouldBe(["new@example.test", "Ada", "http://ada.example.test", "ada", "t", "f"]);
        Texts(cleared).ShouldBe(["new@example.test", null, null, "ada", "t", "f"]);
        (await AuthHost.JsonOf(await _host.SendAsync(HttpMethod.Get, Route, caller: caller))).GetProperty("github").GetString().ShouldBe("ada");
    }

    [Theory]
    [InlineData("""{"fullname":7}""", "fullname")]
    [InlineData("""{"fullname":"\ud800"}""", "fullname")]
    [InlineData("""{"email":"nonsense"}""", "e-mail")]
    [InlineData("""{"github":"a\u0000b"}""", "github")]
    [InlineData("""{"homepage":"LONG"}""", "homepage")]
    [InlineData("""{"password":"new password"}""", "old one")]
    [InlineData("""{"password":{"old":"PASSWORD","new":"short"}}""", "8 characters")]
    [InlineData("""{"tfa":{"password":"PASSWORD","mode":"sometimes"}}""", "tfa")]
    [InlineData("""{"tfa":{"mode":"auth-only"}}""", "tfa")]
    [InlineData("""{"tfa":["1","2"]}""", "tfa")]
    [InlineData("""{"tfa":[{}]}""", "tfa")]
    [InlineData("""{"tfa":["123456"]}""", "waits")]
    [InlineData("[]", "JSON")]
    [InlineData("null", "JSON")]
    public async Task What_cannot_be_in_a_profile_is_400_with_its_reason(string body, string reason)
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        using var response = await ChangeAsync(caller, body.Replace("PASSWORD", AuthHost.Password, StringComparison.Ordinal).Replace("LONG", new string('x', 257), StringComparison.Ordinal));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await AuthHost.SentenceOf(response)).ShouldContain(reason);
    }

    [Fact]
    public async Task The_password_is_changed_by_whoever_knows_it_and_tokens_outlive_it()
    {
        var name = AuthHost.NewName();
        var token = await _host.SignUpAsync(name);
        var caller = (await _host.IntrospectAsync(token)).Caller;

        using var refused = await ChangeAsync(caller, """{"password":{"old":"not the password","new":"another password"}}""");
        using var changed = await ChangeAsync(caller, $$$"""{"password":{"old":"{{{AuthHost.Password}}}","new":"another password"}}""");

        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _host.LogInAsync(name)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _host.LogInAsync(name, "another password")).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await _host.IntrospectAsync(token)).Caller.Credential.ShouldBe(CredentialState.Accepted);
        (await _host.CountEventsAsync($"password:{caller.UserId}")).ShouldBe(1);
    }

    [Fact]
    public async Task A_limited_token_changes_no_profile()
    {
        var caller = await _host.CallerAsync(AuthHost.NewName());

        using var readOnly = await ChangeAsync(caller with { Limits = new TokenLimits(true, null, null) }, """{"fullname":"x"}""");
        using var limited = await ChangeAsync(caller with { Limits = new TokenLimits(false, ["x"], null) }, """{"fullname":"x"}""");
        using var read = await _host.SendAsync(HttpMethod.Get, Route, caller: caller with { Limits = new TokenLimits(true, null, null) });

        readOnly.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        limited.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        read.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static string?[] Texts(JsonElement profile) =>
        [.. new[] { "email", "fullname", "homepage", "github", "twitter", "freenode" }.Select(field => profile.GetProperty(field).GetString())];

    private async Task<HttpResponseMessage> ChangeAsync(Caller caller, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _host.SendAsync(HttpMethod.Post, Route, content, caller);
    }
}
