using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>Who a client is: logging in and out, asking.</summary>
[Trait("Category", "clients")]
public sealed class SessionTests(RegistryFixture fixture)
{
    [Theory]
    [MemberData(nameof(Matrix.Clients), "login", MemberType = typeof(Matrix))]
    public Task Logs_in(string key) => ShouldLogInAsync(key, "login", static client => client.LogInAsync);

    [Theory]
    [MemberData(nameof(Matrix.Clients), "login-web", MemberType = typeof(Matrix))]
    public Task Logs_in_on_a_page(string key) => ShouldLogInAsync(key, "login-web", static client => client.LogInOnPageAsync);

    [Theory]
    [MemberData(nameof(Matrix.Clients), "logout", MemberType = typeof(Matrix))]
    public async Task Logs_out(string key)
    {
        using var client = await ClientUnderTest.StartAsync(PinnedClient.Of(key), $"{fixture.Registry.Npm}/");
        using var account = await Account.SignUpAsync(fixture.Registry, $"{key}-logout");

        await Matrix.CheckAsync(client, "logout", async () =>
        {
            (await Matrix.LogInAsync(client, account)).ShouldSucceed();
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

    private async Task ShouldLogInAsync(string key, string scenario, Func<ClientUnderTest, Func<string, string, Task<CommandResult>>> logIn)
    {
        using var client = await ClientUnderTest.StartAsync(PinnedClient.Of(key), $"{fixture.Registry.Npm}/");
        using var account = await Account.SignUpAsync(fixture.Registry, $"{key}-{scenario}");

        await Matrix.CheckAsync(client, scenario, async () =>
        {
            (await logIn(client)(account.Name, "not the password")).ShouldFail();
            client.Token.ShouldBeNull();
            (await logIn(client)(account.Name, Account.Password)).ShouldSucceed();
            if (Gaps.ReasonFor(client.Client, "whoami") is null)
            {
                (await client.SayAsync(client.NewProject(), "whoami")).ShouldSucceed().Output.ShouldContain(account.Name);
            }
        });
    }
}
