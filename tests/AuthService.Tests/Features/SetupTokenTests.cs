using System.Net;
using System.Net.Http.Json;

using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Tests.Features;

public sealed class SetupTokenTests : IAsyncLifetime
{
    private const string SetupToken = "a set-up token of the operator";
    private AuthHost _host = null!;

    public async ValueTask InitializeAsync() =>
        _host = await AuthHost.StartAsync(("Accounts:Exposed", "true"), ("Accounts:SetupToken", SetupToken));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_set_up_token_makes_the_first_administrator_only()
    {
        using var wrong = await SignUpAsync("admin", new { setupToken = SetupToken + "x" });
        using var first = await SignUpAsync("admin", new { setupToken = SetupToken });
        using var second = await SignUpAsync(AuthHost.NewName(), new { setupToken = SetupToken });

        wrong.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        var token = (await AuthHost.JsonOf(first)).GetProperty("token").GetString()!;
        (await _host.IntrospectAsync(token)).Caller.IsAdministrator.ShouldBeTrue();
        second.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await AuthHost.SentenceOf(second)).ShouldBe(await AuthHost.SentenceOf(wrong)); // tells nothing about the token
        (await SetupAsync()).HasAdministrator.ShouldBeTrue();
    }

    [Fact]
    public async Task The_set_up_token_used_by_twenty_at_once_makes_one_administrator()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            _ => SignUpAsync(AuthHost.NewName("boss"), new { setupToken = SetupToken })));

        answers.Count(a => a.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        (await _host.WithDatabaseAsync(db => db.Accounts.CountAsync(a => a.IsAdministrator))).ShouldBe(1);
        (await _host.WithDatabaseAsync(db => db.Accounts.CountAsync())).ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_configured_set_up_token_none_is_right()
    {
        await using var registry = await AuthHost.StartAsync();

        using var response = await SignUpAsync(AuthHost.NewName(), new { setupToken = "" }, registry);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private async Task<SetupResponse> SetupAsync()
    {
        using var response = await _host.SendInternalAsync(HttpMethod.Get, AuthRoutes.Setup);
        return (await response.Content.ReadFromJsonAsync<SetupResponse>(RegistryJson.Options))!;
    }

    private Task<HttpResponseMessage> SignUpAsync(string name, object more, AuthHost? host = null) => (host ?? _host).SignUpNativelyAsync(name, more);
}
