using System.Net;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;

namespace Registry.AuthService.Tests.Features;

public sealed class WhoAmITests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task Npm_is_told_the_name()
    {
        var name = AuthHost.NewName();
        var caller = await _host.CallerAsync(name);

        using var response = await _host.SendAsync(HttpMethod.Get, "/-/whoami", caller: caller);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldBe($$"""{"username":"{{name}}"}""");
    }

    [Fact]
    public async Task Our_own_interface_is_told_the_account()
    {
        var name = AuthHost.NewName();
        var caller = await _host.CallerAsync(name);

        using var response = await _host.SendAsync(HttpMethod.Get, "/api/v1/whoami", caller: caller, dialect: Dialects.Native);

        var account = await AuthHost.JsonOf(response);
        account.GetProperty("name").GetString().ShouldBe(name);
        account.GetProperty("email").GetString().ShouldBe($"{name}@example.test");
        account.GetProperty("isAdministrator").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData("/-/whoami")]
    [InlineData("/-/user/org.couchdb.user:{name}")]
    [InlineData("/-/npm/v1/tokens")]
    [InlineData("/-/npm/v1/user")]
    public async Task Head_is_answered_as_get_is(string path)
    {
        var name = AuthHost.NewName();
        var caller = await _host.CallerAsync(name);

        using var response = await _host.SendAsync(HttpMethod.Head, path.Replace("{name}", name, StringComparison.Ordinal), caller: caller);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("POST", "/-/whoami")]
    [InlineData("GET", "/-/user/x/y/z")]
    [InlineData("PATCH", "/-/user/org.couchdb.user:ada")]
    public async Task What_is_not_part_of_this_registry_is_404_whatever_the_method(string method, string path)
    {
        using var response = await _host.SendAsync(new HttpMethod(method), path, caller: Caller.Anonymous);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await AuthHost.SentenceOf(response)).ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData("/-/whoami", Dialects.Npm)]
    [InlineData("/api/v1/whoami", Dialects.Native)]
    public async Task Strangers_and_bad_credentials_are_401(string path, string dialect)
    {
        using var anonymous = await _host.SendAsync(HttpMethod.Get, path, caller: Caller.Anonymous, dialect: dialect);
        using var rejected = await _host.SendAsync(HttpMethod.Get, path, caller: Caller.Rejected, dialect: dialect);

        anonymous.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        rejected.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await AuthHost.SentenceOf(anonymous)).ShouldNotBe(await AuthHost.SentenceOf(rejected));
    }
}
