using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>Who a client is: logging in and out, asking.</summary>
[Trait("Category", "clients")]
public sealed class SessionTests(RegistryFixture fixture)
{
    [Theory]
    [MemberData(nameof(Matrix.Clients), "login", MemberType = typeof(Matrix))]
    public async Task Logs_in(string key)
    {
        using var client = await ClientUnderTest.StartAsync(PinnedClient.Of(key), $"{fixture.Registry.Npm}/");
        using var account = await Account.SignUpAsync(fixture.Registry, $"{key}-login");

        await Matrix.CheckAsync(client, "login", async () =>
        {
            (await client.LogInAsync(account.Name, "not the password")).ShouldFail();
            (await client.LogInAsync(account.Name, Account.Password)).ShouldSucceed();
            if (Gaps.ReasonFor(client.Client, "whoami") is null)
            {
                (await client.SayAsync(client.NewProject(), "whoami")).ShouldSucceed().Output.ShouldContain(account.Name);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Matrix.Clients), "logout", MemberType = typeof(Matrix))]
    public async Task Logs_out(string key)
    {
        using var client = await ClientUnderTest.StartAsync(PinnedClient.Of(key), $"{fixture.Registry.Npm}/");
        using var account = await Account.SignUpAsync(fixture.Registry, $"{key}-logout");

        await Matrix.CheckAsync(client, "logout", async () =>
        {
            (await client.LogInAsync(account.Name, Account.Password)).ShouldSucceed();
            var project = client.NewProject();
            (await client.SayAsync(project, "logout")).ShouldSucceed();
            (await client.SayAsync(project, "whoami")).ShouldFail();
        });
    }

    [Theory]
    [MemberData(nameof(Matrix.Clients), "whoami", MemberType = typeof(Matrix))]
    public Task Asks_who_it_is(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "whoami", async (client, account) =>
        {
            var project = client.NewProject();
            (await client.SayAsync(project, "whoami")).ShouldSucceed().Output.ShouldContain(account.Name);
            client.UseToken("reg_unknown");
            (await client.SayAsync(project, "whoami")).ShouldFail();
        });

    [Theory]
    [MemberData(nameof(Matrix.Clients), "ping", MemberType = typeof(Matrix))]
    public Task Pings(string key) =>
        Matrix.CheckAsync(fixture.Registry, key, "ping", async (client, _) => (await client.SayAsync(client.NewProject(), "ping")).ShouldSucceed());
}
