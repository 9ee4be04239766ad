using System.Net;
using System.Net.Http.Json;

using Microsoft.Extensions.Options;

using Npgsql;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Testing;

namespace Registry.AuthService.Tests.Hosting;

public sealed class StartTests
{
    [Fact]
    public async Task Open_sign_up_on_an_exposed_registry_is_refused_at_start()
    {
        var failure = await Should.ThrowAsync<OptionsValidationException>(
            () => StartAsync(("Accounts:SignUp", "open"), ("Accounts:Exposed", "true")));

        failure.Message.ShouldContain("anybody could make an account");
    }

    [Theory]
    [InlineData("Accounts:SignUp", "sometimes", "must be open, invite or closed")]
    [InlineData("Accounts:SetupToken", "too short", "at least 16 characters")]
    [InlineData("Accounts:PasswordIterations", "10", "PasswordIterations")]
    [InlineData("Throttle:FailuresPerAddress", "0", "FailuresPerAddress")]
    [InlineData("Throttle:FailureWindow", "00:00:00", "FailureWindow")]
    public async Task A_setting_out_of_range_is_named_at_start(string key, string value, string sentence)
    {
        var failure = await Should.ThrowAsync<OptionsValidationException>(() => StartAsync((key, value)));

        failure.Message.ShouldContain(sentence);
    }

    [Fact]
    public async Task Sign_up_is_open_by_itself_only_where_nobody_else_can_reach_it()
    {
        await using var onLoopback = await AuthHost.StartAsync();

        (await onLoopback.LogInAsync("alice")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Health_follows_the_database()
    {
        await using var host = await AuthHost.StartAsync();
        (await host.SendBareAsync(HttpMethod.Get, "/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var name = new NpgsqlConnectionStringBuilder(host.ConnectionString).Database;

        await using (var server = NpgsqlDataSource.Create(BackingServers.Postgres))
        {
#pragma warning disable CA2100 // the name is made by the test host
            await using var drop = server.CreateCommand($"DROP DATABASE {name} WITH (FORCE)");
#pragma warning restore CA2100
            await drop.ExecuteNonQueryAsync();
        }

        (await host.SendBareAsync(HttpMethod.Get, "/health")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await host.SendBareAsync(HttpMethod.Get, "/alive")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_database_that_was_not_migrated_is_not_ready()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var host = await ServiceHost.StartAsync(ServiceNames.Auth, AuthServiceApp.Build, [new("ConnectionStrings:auth", database.ConnectionString)]);
        using var client = host.ClientForStranger();

        using var response = await client.GetAsync(new Uri("/health", UriKind.Relative));

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync()).ShouldContain("not been migrated");
    }

    [Fact]
    public async Task While_the_database_is_away_requests_are_503_with_a_hint_when_to_come_back()
    {
        await using var host = await ServiceHost.StartAsync(
            ServiceNames.Auth, AuthServiceApp.Build, [new("ConnectionStrings:auth", "Host=127.0.0.1;Port=1;Database=none")]);
        using var client = host.ClientForService(ServiceNames.Gateway);

        using var query = await client.GetAsync(new Uri(AuthRoutes.Setup, UriKind.Relative));
        using var counter = await client.PostAsJsonAsync(AuthRoutes.Introspect, new IntrospectRequest("a password", "alice", "192.0.2.1"));

        query.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        query.Headers.RetryAfter.ShouldNotBeNull();
        counter.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    private static Task<ServiceHost> StartAsync(params (string Key, string Value)[] settings) =>
        ServiceHost.StartAsync(
            ServiceNames.Auth,
            AuthServiceApp.Build,
            settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)).Append(new("ConnectionStrings:auth", "Host=127.0.0.1;Database=none")));
}
