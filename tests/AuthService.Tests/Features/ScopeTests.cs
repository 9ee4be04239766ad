using System.Net;
using System.Net.Http.Json;

using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Tests.Features;

public sealed class ScopeTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task The_first_to_claim_a_scope_owns_it()
    {
        var alice = await UserAsync();
        var bob = await UserAsync();
        var scope = AuthHost.NewName("scope");

        (await ClaimAsync(scope, alice)).ShouldBeTrue();
        (await ClaimAsync(scope, bob)).ShouldBeFalse();
        (await ClaimAsync(scope, alice)).ShouldBeTrue();
    }

    [Fact]
    public async Task Of_ten_claims_at_once_one_is_granted()
    {
        var users = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => UserAsync()));
        var scope = AuthHost.NewName("contested");

        var granted = await Task.WhenAll(users.Select(user => ClaimAsync(scope, user)));

        granted.Count(g => g).ShouldBe(1);
        (await ClaimAsync(scope, users[Array.IndexOf(granted, true)])).ShouldBeTrue();
    }

    [Fact]
    public async Task A_look_alike_of_an_owned_scope_belongs_to_its_owner()
    {
        var alice = await UserAsync();
        var bob = await UserAsync();
        var scope = AuthHost.NewName("alike");
        await ClaimAsync(scope, alice);

        (await ClaimAsync(scope.ToUpperInvariant(), bob)).ShouldBeFalse();
        (await ClaimAsync(scope.Insert(2, "-"), bob)).ShouldBeFalse();
        (await ClaimAsync(scope.Insert(2, "-"), alice)).ShouldBeTrue();
    }

    [Fact]
    public async Task An_accounts_name_is_its_scope_from_the_start()
    {
        var name = AuthHost.NewName();
        var owner = (await _host.CallerAsync(name)).UserId!;

        (await ClaimAsync(name, await UserAsync())).ShouldBeFalse();
        (await ClaimAsync(name, owner)).ShouldBeTrue();
    }

    [Fact]
    public async Task Nobody_signs_up_under_a_scope_that_is_owned()
    {
        var scope = AuthHost.NewName("org");
        await ClaimAsync(scope, await UserAsync());

        using var response = await _host.LogInAsync(scope);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_account_that_does_not_exist_owns_nothing()
    {
        var scope = AuthHost.NewName("scope");

        (await ClaimAsync(scope, "no-such-id")).ShouldBeFalse();
        (await ClaimAsync(scope, await UserAsync())).ShouldBeTrue();
    }

    [Fact]
    public async Task Scopes_per_account_are_bounded()
    {
        await using var host = await AuthHost.StartAsync(("Accounts:MaxScopesPerAccount", "3"));
        var user = (await host.CallerAsync(AuthHost.NewName())).UserId!;

        var granted = new List<bool>();
        for (var i = 0; i < 4; i++)
        {
            granted.Add(await ClaimAsync($"mine{i}", user, host));
        }

        granted.ShouldBe([true, true, false, false]); // its own name is the first of three
        (await host.WithDatabaseAsync(db => db.Scopes.CountAsync())).ShouldBe(3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@scope")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData(null)]
    public async Task A_malformed_scope_is_400(string? scope)
    {
        using var response = await _host.SendInternalAsync(HttpMethod.Post, AuthRoutes.ClaimScope, new ClaimScopeRequest(scope!, "x"));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private async Task<string> UserAsync() => (await _host.CallerAsync(AuthHost.NewName())).UserId!;

    private async Task<bool> ClaimAsync(string scope, string userId, AuthHost? host = null)
    {
        using var response = await (host ?? _host).SendInternalAsync(HttpMethod.Post, AuthRoutes.ClaimScope, new ClaimScopeRequest(scope, userId));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await response.Content.ReadFromJsonAsync<ClaimScopeResponse>(RegistryJson.Options))!.Granted;
    }
}
