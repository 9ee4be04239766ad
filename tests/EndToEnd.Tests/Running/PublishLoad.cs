using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

using Registry.Testing;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>Eight publishers, each with a package of his own, who publish versions as fast as they are answered, or with pauses.</summary>
internal sealed class PublishLoad
{
    private const int Publishers = 8;
    private readonly RegistryProcess _registry;
    private readonly HttpClient _client;
    private readonly string _prefix;
    private readonly TimeSpan _pause;
    private readonly ConcurrentQueue<int> _work;
    private readonly ConcurrentBag<(string Name, string Version)> _acknowledged = [];
    private readonly Lock _gate = new();
    private readonly Task _publishing;
    private TimeSpan _longest;
    private int _done;

    private PublishLoad(RegistryProcess registry, HttpClient client, string prefix, int publishes, TimeSpan pause)
    {
        (_registry, _client, _prefix, _pause) = (registry, client, prefix, pause);
        _work = new ConcurrentQueue<int>(Enumerable.Range(0, publishes));
        _publishing = Task.WhenAll(Enumerable.Range(0, Publishers).Select(PublisherAsync));
    }

    /// <summary>What was acknowledged.</summary>
    public IReadOnlyCollection<(string Name, string Version)> Acknowledged => _acknowledged;

    /// <summary>How long the longest publish took.</summary>
    public TimeSpan Longest => _longest;

    /// <summary>How many were tried.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>The task of all publishers.</summary>
    public Task Publishing => _publishing;

    /// <summary>Starts publishing as this client.</summary>
    public static PublishLoad Start(RegistryProcess registry, HttpClient client, string prefix, int publishes, TimeSpan pause = default) =>
        new(registry, client, prefix, publishes, pause);

    /// <summary>Waits until so many were tried.</summary>
    public Task ReachesAsync(int publishes) =>
        Eventually.ShouldHoldAsync(() => Done >= publishes || _publishing.IsFaulted, $"{publishes} publishes were tried", withinSeconds: 180);

    /// <summary>Publishes one version.</summary>
    /// <returns>False when it was refused cleanly.</returns>
    public static async Task<bool> PublishAsync(HttpClient client, RegistryProcess registry, string name, string version)
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

    /// <summary>Everything acknowledged is there byte for byte, whatever is listed has its bytes, and search finds the newest of each.</summary>
    public async Task ShouldBeWholeAsync(int findWithinSeconds = 5)
    {
        foreach (var package in _acknowledged.GroupBy(version => version.Name))
        {
            var packument = JsonNode.Parse(await _client.GetStringAsync($"{_registry.Npm}/{package.Key}"))!;
            foreach (var (name, version) in package)
            {
                packument["versions"]!.AsObject().ShouldContainKey(version);
                (await _client.GetByteArrayAsync($"{_registry.Npm}/{name}/-/{name}-{version}.tgz")).ShouldBe(TarballOf.Package(name, version));
            }

            // None is half-visible: whatever is listed, acknowledged or not, has its bytes.
            foreach (var (version, _) in packument["versions"]!.AsObject())
            {
                using var head = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"{_registry.Npm}/{package.Key}/-/{package.Key}-{version}.tgz"));
                head.StatusCode.ShouldBe(HttpStatusCode.OK);
            }

            var latest = packument["dist-tags"]!["latest"]!.GetValue<string>();
            await ShouldBeFoundAsync(_client, _registry, package.Key, latest, findWithinSeconds);
        }
    }

    /// <summary>Search finds this version of a package within some seconds.</summary>
    public static Task ShouldBeFoundAsync(HttpClient client, RegistryProcess registry, string name, string version, int withinSeconds) =>
        Eventually.ShouldHoldAsync(async () => await IsFoundAsync(client, registry, name, version), $"{name}@{version} is found", withinSeconds);

    /// <summary>Whether search finds this version of a package.</summary>
    public static async Task<bool> IsFoundAsync(HttpClient client, RegistryProcess registry, string name, string version)
    {
        using var answer = await client.GetAsync($"{registry.Npm}/-/v1/search?text={name}");
        return answer.IsSuccessStatusCode
            && JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["objects"]!.AsArray().Any(found =>
                found!["package"]!["name"]!.GetValue<string>() == name && found["package"]!["version"]!.GetValue<string>() == version);
    }

    private async Task PublisherAsync(int number)
    {
        while (_work.TryDequeue(out var index))
        {
            var (name, version) = ($"{_prefix}-{number}", $"1.0.{index}");
            var clock = Stopwatch.StartNew();
            if (await PublishAsync(_client, _registry, name, version))
            {
                _acknowledged.Add((name, version));
            }
            else
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500)); // as a client that will try again
            }

            lock (_gate)
            {
                _longest = clock.Elapsed > _longest ? clock.Elapsed : _longest;
            }

            Interlocked.Increment(ref _done);
            await Task.Delay(_pause);
        }
    }
}
