using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>One path through the registry by each client, all at once: log in, publish, look, install.</summary>
[Trait("Category", "clients")]
[Trait("Smoke", "true")]
[Trait("Profile", "one")] // what a client sends is the same
public sealed class SmokeTests(RegistryFixture fixture)
{
    [Fact]
    public async Task Every_client_logs_in_publishes_and_installs()
    {
        await PinnedClient.InstallAsync();
        var failures = await Task.WhenAll(PinnedClient.All.Select(TryAsync));

        failures.OfType<string>().ShouldBeEmpty();
    }

    private async Task<string?> TryAsync(PinnedClient pinned)
    {
        using var client = await ClientUnderTest.StartAsync(pinned, $"{fixture.Registry.Npm}/");
        try
        {
            await Matrix.CheckAsync(client, "smoke", () => PublishesAndInstallsAsync(client));
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return exception.Message;
        }
    }

    private async Task PublishesAndInstallsAsync(ClientUnderTest client)
    {
        using var account = await Account.SignUpAsync(fixture.Registry, $"{client.Client.Key}-smoke");
        if (Gaps.ReasonFor(client.Client, "logout") is null)
        {
            (await Matrix.LogInAsync(client, account)).ShouldSucceed();
            client.Token.ShouldNotBeNullOrEmpty();
        }
        else
        {
            client.UseToken(account.Token);
        }

        var package = client.NewPackage($"by-{client.Client.Key}", "1.0.0");
        (await client.PublishAsync(package)).ShouldSucceed();
        var project = client.NewProject();
        (await client.AddAsync(project, $"by-{client.Client.Key}")).ShouldSucceed();
        PackageFiles.ShouldBeInstalled(package, Path.Combine(project, "node_modules", $"by-{client.Client.Key}"));
    }
}
