using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>What rules keep out, and what is broken, goes version by version: the rest of a package is served as if it were all (complaints 5, 12, 13).</summary>
public sealed class RuleTests(PackageSystem system) : IAsyncLifetime
{
    private readonly string _name = PackageSystem.NewName();
    private readonly string _upstreamName = PackageSystem.NewName("up");
    private NpmUpstream _upstream = null!;
    private NpmUpstream _second = null!;
    private ProxySystem? _started;

    private ProxySystem Proxy => _started!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await NpmUpstream.StartAsync();
        _second = await NpmUpstream.StartAsync();
        foreach (var version in (string[])["1.2.1", "1.2.2", "1.2.3"])
        {
            _upstream.Add(_name, version);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_started?.DisposeAsync() ?? default);
        await _upstream.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task A_blocked_version_is_not_there_for_ranges_and_latest_falls_back()
    {
        await StartAsync(entry => entry["block"] = Block($"{_name}@1.2.3", "It was hijacked"));

        var packument = await Proxy.PackumentAsync(_name);

        packument["versions"]!.AsObject().Select(static version => version.Key).ShouldBe(["1.2.1", "1.2.2"]);
        packument["dist-tags"]!.ToJsonString().ShouldBe("""{"latest":"1.2.2"}""");
        packument["time"]!.AsObject().ShouldNotContainKey("1.2.3");
        using var tags = await Proxy.GetAsync($"/-/package/{_name}/dist-tags");
        (await tags.Content.ReadFromJsonAsync<JsonObject>())!.ToJsonString().ShouldBe("""{"latest":"1.2.2"}""");
        using var latest = await Proxy.GetAsync($"/{_name}/latest");
        (await latest.Content.ReadFromJsonAsync<JsonObject>())!["version"]!.GetValue<string>().ShouldBe("1.2.2");
    }

    [Theory]
    [InlineData("/{0}/1.2.3")]
    [InlineData("/{0}/-/{0}-1.2.3.tgz")]
    public async Task Who_asks_for_a_blocked_version_is_told_why_it_does_not_come(string path)
    {
        await StartAsync(entry => entry["block"] = Block($"{_name}@1.2.3", "It was hijacked"));

        var failure = await Proxy.FailureAsync(path.Replace("{0}", _name, StringComparison.Ordinal));

        (failure.Status, failure.Code).ShouldBe((451, "package_blocked"));
        failure.Error.ShouldContain("It was hijacked");
        _upstream.CountOf($"/{_name}/-/{_name}-1.2.3.tgz").ShouldBe(0);
        using var other = await Proxy.GetAsync($"/{_name}/-/{_name}-1.2.2.tgz");
        other.IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task A_version_that_is_stored_already_is_blocked_from_the_moment_the_rule_holds()
    {
        await StartAsync(static _ => { });
        using (var before = await Proxy.GetAsync($"/{_name}/-/{_name}-1.2.3.tgz"))
        {
            before.IsSuccessStatusCode.ShouldBeTrue();
        }

        Proxy.Write(ProxySystem.Entry(_upstream, _upstreamName, entry => entry["block"] = Block($"{_name}@1.2.3", "It was hijacked")));

        await Eventually.ShouldHoldAsync(
            async () => (int)(await Proxy.GetAsync($"/{_name}/-/{_name}-1.2.3.tgz")).StatusCode == 451, "the rule holds", withinSeconds: 3);
        (await Proxy.VersionsAsync(_name)).ShouldBe(["1.2.1", "1.2.2"]);
    }

    [Fact]
    public async Task Where_some_are_allowed_the_others_are_not_there()
    {
        var other = PackageSystem.NewName();
        _upstream.Add(other, "1.0.0");
        await StartAsync(entry => entry["allow"] = new JsonArray($"{_name}@1.2.*", "@company/*"));

        (await Proxy.VersionsAsync(_name)).Length.ShouldBe(3);
        (await Proxy.FailureAsync($"/{other}")).Status.ShouldBe(404);
        _upstream.CountOf($"/{other}").ShouldBe(0);
    }

    [Fact]
    public async Task What_is_blocked_at_one_upstream_comes_from_the_next()
    {
        _second.Add(_name, "9.0.0");
        await StartAsync(entry => entry["block"] = new JsonArray(_name));

        (await Proxy.VersionsAsync(_name)).ShouldBe(["9.0.0"]);
        _upstream.CountOf($"/{_name}").ShouldBe(0);
    }

    [Fact]
    public async Task What_is_blocked_at_one_upstream_and_nowhere_else_says_so()
    {
        await StartAsync(entry => entry["block"] = Block(_name, "We have our own"));

        foreach (var path in (string[])[$"/{_name}", $"/{_name}/1.2.1", $"/{_name}/-/{_name}-1.2.1.tgz"])
        {
            var failure = await Proxy.FailureAsync(path);
            (failure.Status, failure.Code).ShouldBe((451, "package_blocked"));
            failure.Error.ShouldContain("We have our own");
        }
    }

    [Fact]
    public async Task Broken_versions_do_not_spoil_the_others()
    {
        _upstream.Edit = packument =>
        {
            var versions = packument["versions"]!.AsObject();
            var sound = versions["1.2.1"]!.ToJsonString();
            versions["2.0.0"] = "this is no manifest";
            versions["2.0.1"] = new JsonObject { ["name"] = _name, ["version"] = "2.0.1" };
            versions["2.0.2"] = Manifest(sound, "2.0.2", static manifest => manifest["dist"] = "nowhere");
            versions["2.0.3"] = Manifest(sound, "2.0.3", static manifest => manifest["dist"]!["tarball"] = "http://");
            versions["2.0.4"] = Manifest(sound, "2.0.4", static manifest => manifest["dist"]!["tarball"] = "http://[::::1]:99999999/x.tgz");
            versions["2.0.5"] = Manifest(sound, "2.0.5", static manifest => manifest["name"] = "somebody-else");
            versions["2.0.6"] = Manifest(sound, "2.0.6", static manifest => manifest["dist"]!["tarball"] = new string('x', 100_000));
            versions["not a version"] = Manifest(sound, "not a version", static _ => { });
            packument["dist-tags"]!["next"] = "2.0.0";
            packument["dist-tags"]!["odd"] = 7;
        };
        await StartAsync(static _ => { });

        (await Proxy.VersionsAsync(_name)).ShouldBe(["1.2.1", "1.2.2", "1.2.3"]);

        using var tags = await Proxy.GetAsync($"/-/package/{_name}/dist-tags");
        (await tags.Content.ReadFromJsonAsync<JsonObject>())!.ToJsonString().ShouldBe("""{"latest":"1.2.3"}""");
        (await Proxy.FailureAsync($"/{_name}/2.0.3")).Code.ShouldBe("version_not_found");
    }

    [Theory]
    [InlineData("ftp://files.example.test/x.tgz")]
    [InlineData("http://elsewhere.example.test/x.tgz")]
    [InlineData("https://127.0.0.1:1/x.tgz")]
    [InlineData("https://user:secret@files.example.test:0/x.tgz")]
    public async Task A_link_that_leads_where_it_may_not_is_a_failure_of_that_tarball_alone(string link)
    {
        _upstream.Edit = packument => packument["versions"]!["1.2.2"]!["dist"]!["tarball"] = link;
        await StartAsync(static _ => { });

        var failure = await Proxy.FailureAsync($"/{_name}/-/{_name}-1.2.2.tgz");

        failure.Code.ShouldBeOneOf("upstream_failed", "upstream_unavailable");
        failure.Error.ShouldNotContain("secret");
        using var other = await Proxy.GetAsync($"/{_name}/-/{_name}-1.2.3.tgz");
        other.IsSuccessStatusCode.ShouldBeTrue();
    }

    [Theory]
    [InlineData("~tilde~")]
    [InlineData("it's")]
    [InlineData("(round)")]
    [InlineData("dots...inside")]
    [InlineData("star*")]
    [InlineData("@-/x")]
    public async Task An_odd_name_is_asked_for_like_any_other(string odd)
    {
        var name = $"{odd}{PackageSystem.NewName()}";
        _upstream.Add(name, "1.0.0");
        await StartAsync(static _ => { });

        (await Proxy.VersionsAsync(name.Replace("/", "%2f", StringComparison.Ordinal))).ShouldBe(["1.0.0"]);
    }

    [Fact]
    public async Task Rules_are_applied_when_thousands_of_versions_are_written_out_and_not_on_each_read()
    {
        for (var i = 0; i < 5_000; i++)
        {
            _upstream.Add(_name, $"2.{i}.0");
        }

        await StartAsync(entry => entry["block"] = new JsonArray($"{_name}@2.4999.0", $"{_name}@*-rc*", "@other/*"));
        using var renderings = new Renderings(Proxy.Host.Services.GetRequiredService<IMeterFactory>());

        for (var i = 0; i < 5; i++)
        {
            (await Proxy.VersionsAsync(_name)).Length.ShouldBe(5_002);
        }

        renderings.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_packument_is_parsed_and_judged_once_for_all_who_want_one_version_of_it()
    {
        await StartAsync(entry => entry["block"] = new JsonArray($"{_name}@1.2.3"));
        using (var first = await Proxy.GetAsync($"/{_name}/1.2.1"))
        {
            first.IsSuccessStatusCode.ShouldBeTrue();
        }

        await Proxy.ReadAsync(db => db.UpstreamPackuments.Where(row => row.Name == _name).ExecuteDeleteAsync()); // there is nothing left to parse
        await _upstream.CloseAsync();

        foreach (var (path, status) in ((string, int)[])[("1.2.1", 200), ("1.2.2", 200), ("latest", 200), ("1.2.3", 451)])
        {
            using var answer = await Proxy.GetAsync($"/{_name}/{path}");
            ((int)answer.StatusCode).ShouldBe(status);
        }
    }

    private static JsonArray Block(string package, string reason) => new(new JsonObject { ["package"] = package, ["reason"] = reason });

    private static JsonObject Manifest(string sound, string version, Action<JsonObject> spoil)
    {
        var manifest = JsonNode.Parse(sound)!.AsObject();
        manifest["version"] = version;
        spoil(manifest);
        return manifest;
    }

    private async Task StartAsync(Action<JsonObject> edit) =>
        _started = await ProxySystem.StartAsync(
            system, ProxySystem.Entry(_upstream, _upstreamName, edit), ProxySystem.Entry(_second, edit: static entry => entry["priority"] = 200));

    /// <summary>Counts how often one service writes a packument out.</summary>
    private sealed class Renderings : IDisposable
    {
        private readonly MeterListener _listener;
        private int _count;

        public Renderings(IMeterFactory ofService)
        {
            _listener = new MeterListener
            {
                InstrumentPublished = (instrument, listener) =>
                {
                    if (instrument.Name == "registry.packages.packument_rendering" && instrument.Meter.Scope == ofService)
                    {
                        listener.EnableMeasurementEvents(instrument);
                    }
                },
            };
            _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _count));
            _listener.Start();
        }

        public int Count => Volatile.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
