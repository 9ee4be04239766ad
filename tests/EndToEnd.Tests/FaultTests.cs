using System.Diagnostics;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>Servers killed in the middle of publishing: every publish ends cleanly, and nothing acknowledged is lost or half-visible.</summary>
[Collection(nameof(OwnRegistries))]
[Trait("Category", "faults")]
public sealed class FaultTests
{
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(30);

    [Fact]
    [Trait("Smoke", "true")]
    [Trait("Profile", "one")] // there is one broker in either
    public Task A_broker_killed_during_80_publishes_loses_nothing() => PublishWhileKillingAsync(80, ["rabbitmq"]);

    [Fact]
    [Trait("Smoke", "true")]
    public Task A_database_killed_during_80_publishes_loses_nothing() => PublishWhileKillingAsync(80, ["postgres"]);

    [Fact]
    public Task Broker_then_database_killed_during_500_publishes_lose_nothing() => PublishWhileKillingAsync(500, ["rabbitmq", "postgres"]);

    private static async Task PublishWhileKillingAsync(int publishes, IReadOnlyList<string> victims)
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("faulty", "correct horse battery")).ShouldSucceed();
        using var client = RegistryFixture.HttpFor(npm);
        var load = PublishLoad.Start(registry, client, "faulty", publishes);
        for (var victim = 0; victim < victims.Count; victim++)
        {
            await load.ReachesAsync(publishes * (victim + 1) / (victims.Count + 2));
            await KillAsync(registry, victims[victim]);
        }

        await load.Publishing;
        await RecoveredAsync(client, registry, load.Acknowledged.First().Name);

        load.Longest.ShouldBeLessThan(LongestRequest);
        load.Acknowledged.Count.ShouldBeGreaterThan(publishes / 4);
        await load.ShouldBeWholeAsync();
    }

    /// <summary>Health is asked for every two seconds, so an answer may be older than the fault: a read has to succeed too.</summary>
    private static async Task RecoveredAsync(HttpClient client, RegistryProcess registry, string package)
    {
        await Eventually.ShouldHoldAsync(async () =>
        {
            using var read = await client.GetAsync($"{registry.Npm}/{package}");
            return read.IsSuccessStatusCode;
        }, $"{package} is read", withinSeconds: 60);
        await registry.UntilHealthyAsync();
    }

    private static async Task KillAsync(RegistryProcess registry, string server)
    {
        var status = await registry.StatusAsync();
        var process = status["servers"]![server]!["pid"]!.GetValue<int>();
        Process.GetProcessById(process).Kill();
    }
}
