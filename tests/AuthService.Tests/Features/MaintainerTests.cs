using System.Net;
using System.Net.Http.Json;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Tests.Features;

public sealed class MaintainerTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task Names_that_are_accounts_are_found_and_others_left_out()
    {
        var (one, two) = (AuthHost.NewName(), AuthHost.NewName());
        var caller = await _host.CallerAsync(one);
        await _host.CallerAsync(two);

        using var response = await FindAsync([two, "nobody-of-this-name", one, one]);

        var accounts = (await response.Content.ReadFromJsonAsync<FindAccountsResponse>(RegistryJson.Options))!.Accounts;
        accounts.Select(account => account.Name).ShouldBe(new[] { one, two }.Order(StringComparer.Ordinal));
        accounts.Single(account => account.Name == one).Id.ShouldBe(caller.UserId);
    }

    [Fact]
    public async Task Too_many_names_at_once_and_users_are_refused()
    {
        using var many = await FindAsync([.. Enumerable.Range(0, 300).Select(i => $"n{i}")]);
        using var user = await _host.SendAsync(HttpMethod.Post, AuthRoutes.FindAccounts, new FindAccountsRequest([]), caller: Caller.Anonymous, dialect: Dialects.Native);

        many.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        user.StatusCode.ShouldNotBe(HttpStatusCode.OK);
    }

    private Task<HttpResponseMessage> FindAsync(string[] names) =>
        _host.SendInternalAsync(HttpMethod.Post, AuthRoutes.FindAccounts, new FindAccountsRequest(names));
}
