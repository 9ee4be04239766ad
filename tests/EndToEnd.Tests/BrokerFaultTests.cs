using System.Diagnostics;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>A broker that comes late, and one that goes away for a minute.</summary>
[Collection(nameof(OwnRegistries))]
[Trait("Category", "faults")]
public sealed class BrokerFaultTests
{
    /// <summary>How often search looks by itself when no event wakes it.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_broker_that_comes_after_everything_else_is_used_as_soon_as_it_is_there()
    {
        await using var broker = ProxyToBroker(out var address);
        broker.Refuse(true);
        await using var registry = await StartAsync(address, health: "degraded");
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("early", "correct horse battery")).ShouldSucceed();
        using var client = RegistryFixture.HttpFor(npm);
        (await PublishLoad.PublishAsync(client, registry, "early", "1.0.0")).ShouldBeTrue();

        broker.Refuse(false);
        await registry.UntilHealthyAsync();

        await PublishLoad.ShouldBeFoundAsync(client, registry, "early", "1.0.0", withinSeconds: 2);
        (await PublishLoad.PublishAsync(client, registry, "later", "1.0.0")).ShouldBeTrue();
        await PublishLoad.ShouldBeFoundAsync(client, registry, "later", "1.0.0", withinSeconds: 2);
    }

    [Fact]
    public async Task A_broker_away_for_a_minute_under_load_loses_nothing_and_search_is_at_most_a_poll_behind()
    {
        await using var broker = ProxyToBroker(out var address);
        await using var registry = await StartAsync(address, health: "ok");
        using var npm = new NpmClient($"{registry.Npm}/");
        (await npm.LoginAsync("steady", "correct horse battery")).ShouldSucceed();
        using var client = RegistryFixture.HttpFor(npm);
        var load = PublishLoad.Start(registry, client, "steady", 1600, pause: TimeSpan.FromMilliseconds(500));
        await load.ReachesAsync(20);

        var away = Stopwatch.StartNew();
        broker.Refuse(true);
        var longest = TimeSpan.Zero;
        for (var i = 0; away.Elapsed < TimeSpan.FromMinutes(1); i++)
        {
            var found = await UntilFoundAsync(client, registry, $"away-{i}");
            longest = found > longest ? found : longest;
        }

        broker.Refuse(false);
        load.Publishing.IsCompleted.ShouldBeFalse("the minute was under load");
        await load.Publishing;
        await registry.UntilHealthyAsync();

        longest.ShouldBeLessThan(Poll + Slack);
        load.Acknowledged.Count.ShouldBe(1600, "publishing does not need the broker");
        await load.ShouldBeWholeAsync();
        (await UntilFoundAsync(client, registry, "back")).ShouldBeLessThan(TimeSpan.FromSeconds(2));
        (await registry.RunAsync("search", "verify")).ShouldSucceed();
    }

    private static async Task<TimeSpan> UntilFoundAsync(HttpClient client, RegistryProcess registry, string name)
    {
        (await PublishLoad.PublishAsync(client, registry, name, "1.0.0")).ShouldBeTrue();
        var clock = Stopwatch.StartNew();
        await PublishLoad.ShouldBeFoundAsync(client, registry, name, "1.0.0", withinSeconds: 60);
        return clock.Elapsed;
    }

    private static Task<RegistryProcess> StartAsync(Uri broker, string health) =>
        RegistryProcess.StartAsync(environment: new Dictionary<string, string> { ["ConnectionStrings__rabbitmq"] = broker.ToString() }, health: health);

    /// <summary>The tests' broker behind a proxy that can refuse: to the registry it is absent then.</summary>
    private static CutProxy ProxyToBroker(out Uri address)
    {
        var broker = new Uri(BackingServers.RabbitMq);
        var proxy = new CutProxy(broker.Host, broker.Port);
        address = new UriBuilder(broker) { Host = "127.0.0.1", Port = proxy.Port }.Uri;
        return proxy;
    }
}
