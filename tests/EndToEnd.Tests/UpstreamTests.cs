using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing.Upstreams;

namespace Registry.EndToEnd.Tests;

/// <summary>What is not published here comes through the registry from upstreams, by the real clients (M61, complaint 2).</summary>
public sealed class UpstreamTests(RegistryFixture fixture) : IAsyncLifetime
{
    private const int Packages = 40;
    private readonly string _run = Guid.CreateVersion7().ToString("n")[^10..];
    private NpmUpstream _upstream = null!;
    private UpstreamsOf _upstreams = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await NpmUpstream.StartAsync();
        _upstreams = await UpstreamsOf.SetAsync(fixture.Registry, UpstreamsOf.Entry(_upstream.Url));
    }

    public async ValueTask DisposeAsync()
    {
        await _upstreams.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public Task Npm_installs_a_cold_tree_once_and_the_warm_one_without_the_upstream() => InstallsColdAndWarmAsync("npm");

    [Theory]
    [Trait("Category", "clients")]
    [InlineData("pnpm")]
    [InlineData("yarn")]
    [InlineData("bun")]
    public Task Other_clients_install_a_cold_tree_once_and_the_warm_one_without_the_upstream(string manager) => InstallsColdAndWarmAsync(manager);

    [Fact]
    public async Task Two_hundred_clients_install_one_cold_tree_with_one_request_for_each_document_and_tarball()
    {
        AddTree();
        var processes = await fixture.Registry.ProcessIdsAsync();
        var before = PeakWatch.ResidentBytes(processes);
        using var peak = new PeakWatch(processes);
        using var client = RegistryProcess.NewClient();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => InstallAsync(client)));

        _upstream.Requests.GroupBy(static request => request).ShouldAllBe(static request => request.Count() == 1);
        _upstream.Requests.Count.ShouldBe(2 * Packages);
        (peak.PeakBytes - before).ShouldBeLessThan(200L << 20);
    }

    private async Task InstallsColdAndWarmAsync(string manager)
    {
        AddTree();
        var dependencies = new JsonObject { [NameOf(0)] = "^1.0.0" };

        var cold = await InstallingClient.InstallAsync(manager, $"{fixture.Registry.Npm}/", dependencies);
        var asked = _upstream.Requests;
        _upstream.Fault = Faults.Reset; // cut, but whoever wants to get there is seen
        var warm = await InstallingClient.InstallAsync(manager, $"{fixture.Registry.Npm}/", dependencies);

        cold.Keys.Count(static file => file.EndsWith("package.json", StringComparison.Ordinal)).ShouldBe(Packages);
        asked.GroupBy(static request => request).ShouldAllBe(static request => request.Count() == 1);
        asked.Count(static request => request.EndsWith(".tgz", StringComparison.Ordinal)).ShouldBe(Packages);
        warm.ShouldBe(cold, ignoreOrder: true);
        _upstream.Requests.ShouldBe(asked);
    }

    /// <summary>As an npm client goes about it: a packument, its tarball, the next one.</summary>
    private async Task InstallAsync(HttpClient client)
    {
        for (var i = 0; i < Packages; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{fixture.Registry.Npm}/{NameOf(i)}");
            request.Headers.Accept.ParseAdd("application/vnd.npm.install-v1+json");
            using var packument = await client.SendAsync(request);
            packument.StatusCode.ShouldBe(HttpStatusCode.OK);
            var tarball = JsonNode.Parse(await packument.Content.ReadAsStringAsync())!["versions"]!["1.0.0"]!["dist"]!["tarball"]!.GetValue<string>();
            using var bytes = await client.GetAsync(tarball);
            bytes.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await bytes.Content.ReadAsByteArrayAsync()).Length.ShouldBeGreaterThan(64 * 1024);
        }
    }

    /// <summary>Each package needs the next two.</summary>
    private void AddTree()
    {
        var filler = RandomNumberGenerator.GetBytes(64 * 1024);
        for (var i = 0; i < Packages; i++)
        {
            var needs = new JsonObject([.. Enumerable.Range(i + 1, 2).Where(static next => next < Packages).Select(next => KeyValuePair.Create(NameOf(next), (JsonNode?)JsonValue.Create("^1.0.0")))]);
            var manifest = new JsonObject { ["name"] = NameOf(i), ["version"] = "1.0.0", ["dependencies"] = needs };
            _upstream.Add(NameOf(i), "1.0.0", TarballOf.Package(manifest, ("package/filler.bin", filler)), manifest);
        }
    }

    private string NameOf(int package) => $"tree-{_run}-{package}";
}
