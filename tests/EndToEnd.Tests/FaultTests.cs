using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing;

namespace Registry.EndToEnd.Tests;

/// <summary>Servers killed in the middle of publishing: every publish ends cleanly, and nothing acknowledged is lost or half-visible.</summary>
[Trait("Category", "faults")]
public sealed class FaultTests
{
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(30);

    [Fact]
    [Trait("Smoke", "true")]
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
        var work = new ConcurrentQueue<int>(Enumerable.Range(0, publishes));
        var acknowledged = new ConcurrentBag<(string Name, string Version)>();
        var longest = TimeSpan.Zero;
        var done = 0;

        async Task PublisherAsync(int number)
        {
            while (work.TryDequeue(out var index))
            {
                var (name, version) = ($"faulty-{number}", $"1.0.{index}");
                var clock = Stopwatch.StartNew();
                if (await PublishAsync(client, registry, name, version))
                {
                    acknowledged.Add((name, version));
                }
                else
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(500)); // as a client that will try again
                }

                longest = clock.Elapsed > longest ? clock.Elapsed : longest;
                Interlocked.Increment(ref done);
            }
        }

        var publishers = Enumerable.Range(0, 8).Select(PublisherAsync).ToList();
        for (var victim = 0; victim < victims.Count; victim++)
        {
            var at = publishes * (victim + 1) / (victims.Count + 2);
            await Eventually.ShouldHoldAsync(() => Volatile.Read(ref done) >= at, $"{at} publishes were tried", withinSeconds: 180);
            await KillAsync(registry, victims[victim]);
        }

        await Task.WhenAll(publishers);
        await RecoveredAsync(client, registry, acknowledged.First().Name);

        longest.ShouldBeLessThan(LongestRequest);
        acknowledged.Count.ShouldBeGreaterThan(publishes / 4);
        await EveryAcknowledgedVersionIsWholeAsync(client, registry, acknowledged);
    }

    private static async Task<bool> PublishAsync(HttpClient client, RegistryProcess registry, string name, string version)
    {
        var document = TarballOf.NpmDocument(name, version, TarballOf.Package(name, version)).ToJsonString();
        using var body = new StringContent(document, Encoding.UTF8, "application/json");
        using var answer = await client.PutAsync($"{registry.Npm}/{name}", body);
        var text = await answer.Content.ReadAsStringAsync();
        var parsed = JsonNode.Parse(text).ShouldNotBeNull();
        if (answer.IsSuccessStatusCode)
        {
            parsed["ok"]!.GetValue<bool>().ShouldBeTrue();
            return true;
        }

        // A clean refusal in npm's shape; its own retry would follow.
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.ServiceUnavailable, HttpStatusCode.BadGateway, HttpStatusCode.GatewayTimeout);
        parsed["error"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
        return false;
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

    private static async Task EveryAcknowledgedVersionIsWholeAsync(
        HttpClient client, RegistryProcess registry, IEnumerable<(string Name, string Version)> acknowledged)
    {
        foreach (var package in acknowledged.GroupBy(version => version.Name))
        {
            var packument = JsonNode.Parse(await client.GetStringAsync($"{registry.Npm}/{package.Key}"))!;
            foreach (var (name, version) in package)
            {
                packument["versions"]!.AsObject().ShouldContainKey(version);
                (await client.GetByteArrayAsync($"{registry.Npm}/{name}/-/{name}-{version}.tgz")).ShouldBe(TarballOf.Package(name, version));
            }

            // None is half-visible: whatever is listed, acknowledged or not, has its bytes.
            foreach (var (version, _) in packument["versions"]!.AsObject())
            {
                using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"{registry.Npm}/{package.Key}/-/{package.Key}-{version}.tgz"));
                head.StatusCode.ShouldBe(HttpStatusCode.OK);
            }

            var latest = packument["dist-tags"]!["latest"]!.GetValue<string>();
            await Eventually.ShouldHoldAsync(async () => JsonNode.Parse(await client.GetStringAsync($"{registry.Npm}/-/v1/search?text={package.Key}"))!["objects"]!.AsArray()
                    .Any(found => found!["package"]!["name"]!.GetValue<string>() == package.Key
                        && found["package"]!["version"]!.GetValue<string>() == latest), $"{package.Key}@{latest} is found");
        }
    }
}
