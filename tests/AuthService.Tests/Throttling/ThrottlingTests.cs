using System.Net;
using System.Net.Http.Json;

using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Tests.Hosting;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Tests.Throttling;

public sealed class ThrottlingTests(OpenRegistry registry) : IClassFixture<OpenRegistry>
{
    private readonly AuthHost _host = registry.Host;

    [Fact]
    public async Task Of_forty_parallel_wrong_passwords_ten_are_looked_at()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);
        var address = AuthHost.NewAddress();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => _host.LogInAsync(name, $"wrong password {i}", address)));

        answers.Count(a => a.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(10);
        answers.Count(a => a.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(30);
        var refused = answers.First(a => a.StatusCode == HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        (await AuthHost.SentenceOf(refused)).ShouldContain("try again in");
    }

    [Fact]
    public async Task Replicas_count_together()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);
        var address = AuthHost.NewAddress();
        await using var replica = await _host.StartReplicaAsync();
        using var other = replica.ClientForService(ServiceNames.Gateway);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            var request = new IntrospectRequest($"wrong password {i}", name, address);
            if (i % 2 == 0)
            {
                return await _host.IntrospectAsync(request.Secret, name, address);
            }

            using var response = await other.PostAsJsonAsync(AuthRoutes.Introspect, request);
            return (await response.Content.ReadFromJsonAsync<IntrospectResponse>(RegistryJson.Options))!;
        }));

        answers.Count(a => a.RetryAfterSeconds is null).ShouldBe(10);
    }

    [Fact]
    public async Task Even_the_right_password_waits_then_but_not_from_another_address()
    {
        var name = AuthHost.NewName();
        var token = await _host.SignUpAsync(name);
        var stranger = AuthHost.NewAddress();
        await FailAsync(name, stranger, 10);

        using var fromThere = await _host.LogInAsync(name, address: stranger);
        using var ownerElsewhere = await _host.LogInAsync(name);
        var basic = await _host.IntrospectAsync(AuthHost.Password, name, stranger);
        var byToken = await _host.IntrospectAsync(token, name, stranger);

        fromThere.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        ownerElsewhere.StatusCode.ShouldBe(HttpStatusCode.Created);
        basic.Caller.Credential.ShouldBe(CredentialState.Rejected);
        basic.RetryAfterSeconds.ShouldNotBeNull().ShouldBeInRange(1, 300);
        byToken.Caller.UserName.ShouldBe(name); // tokens cannot be guessed, so they are never throttled
    }

    [Fact]
    public async Task A_right_password_starts_the_count_anew()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);
        var address = AuthHost.NewAddress();

        await FailAsync(name, address, 9);
        (await _host.LogInAsync(name, address: address)).StatusCode.ShouldBe(HttpStatusCode.Created);
        await FailAsync(name, address, 9);

        (await _host.LogInAsync(name, address: address)).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Right_passwords_are_not_counted_however_many()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);
        var address = AuthHost.NewAddress();

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => _host.IntrospectAsync(AuthHost.Password, name, address)));

        answers.ShouldAllBe(answer => answer.Caller.UserName == name);
        (await CountAsync($"login:{address}")).ShouldBe(0);
    }

    [Fact]
    public async Task An_address_fails_a_bounded_number_of_times_over_all_accounts()
    {
        await using var host = await AuthHost.StartAsync(("Throttle:FailuresPerAddress", "15"));
        var address = AuthHost.NewAddress();

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => host.IntrospectAsync("wrong password", $"nobody{i}", address)));

        answers.Count(a => a.RetryAfterSeconds is null).ShouldBe(15);
        (await host.IntrospectAsync("wrong password", "nobody", AuthHost.NewAddress())).RetryAfterSeconds.ShouldBeNull();
    }

    [Fact]
    public async Task Asking_which_names_exist_is_bounded_where_sign_up_is_not_open()
    {
        await using var host = await AuthHost.StartAsync(("Accounts:SignUp", "closed"), ("Throttle:FailuresPerAddress", "5"));
        var address = AuthHost.NewAddress();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => host.LogInAsync($"nobody{i}", address: address)));

        answers.Count(a => a.StatusCode == HttpStatusCode.Forbidden).ShouldBe(5);
        answers.Count(a => a.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(5);
    }

    [Fact]
    public async Task Addresses_of_one_ipv6_network_count_as_one()
    {
        var name = AuthHost.NewName();
        await _host.SignUpAsync(name);
        for (var i = 1; i <= 10; i++)
        {
            await _host.IntrospectAsync($"wrong password {i}", name, $"2001:db8:7:7::{i:x}");
        }

        (await _host.IntrospectAsync(AuthHost.Password, name, "2001:db8:7:7:ffff::1")).RetryAfterSeconds.ShouldNotBeNull();
        (await _host.IntrospectAsync(AuthHost.Password, name, "2001:db8:7:8::1")).Caller.UserName.ShouldBe(name);
    }

    [Fact]
    public async Task Failures_are_forgotten_after_the_window()
    {
        var (name, address) = (AuthHost.NewName(), AuthHost.NewAddress());
        await _host.SignUpAsync(name);
        await FailAsync(name, address, 10);
        (await _host.IntrospectAsync(AuthHost.Password, name, address)).RetryAfterSeconds.ShouldNotBeNull();

        // As if the window had passed meanwhile.
        await _host.WithDatabaseAsync(db => db.Throttles.Where(t => t.Key.Contains(address)).ExecuteUpdateAsync(t => t.SetProperty(row => row.ExpiresAt, row => row.ExpiresAt - TimeSpan.FromHours(1))));

        (await _host.IntrospectAsync(AuthHost.Password, name, address)).Caller.UserName.ShouldBe(name);
    }

    private async Task FailAsync(string name, string address, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var answer = await _host.IntrospectAsync($"wrong password {i}", name, address);
            answer.RetryAfterSeconds.ShouldBeNull();
            answer.Caller.Credential.ShouldBe(CredentialState.Rejected);
        }
    }

    private Task<int> CountAsync(string key) =>
        _host.WithDatabaseAsync(db => db.Throttles.Where(t => t.Key == key).Select(t => t.Count).SingleOrDefaultAsync());
}
