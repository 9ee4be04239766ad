using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Tests.Proxying;
using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Features.Upstreams;

/// <summary>File and administrators together: what was said last of each key holds, at once, everywhere, and after a restart.</summary>
public sealed class UpstreamMergeTests(OwnRegistry own) : IClassFixture<OwnRegistry>, IAsyncLifetime
{
    private const string OfFile = "company";
    private NpmUpstream _first = null!;
    private NpmUpstream _second = null!;
    private ProxySystem _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        await own.EmptyAsync();
        _first = await NpmUpstream.StartAsync();
        _second = await NpmUpstream.StartAsync();
        _proxy = await ProxySystem.StartAsync(own.System, FileEntry());
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task What_was_never_said_follows_the_file()
    {
        await _proxy.TellAsync(HttpMethod.Patch, $"/{OfFile}", new JsonObject { ["priority"] = 7, ["cache"] = new JsonObject { ["notFoundSeconds"] = 1 } });
        await _proxy.TellAsync(HttpMethod.Patch, $"/{OfFile}", new JsonObject { ["cache"] = new JsonObject { ["maxAgeSeconds"] = 2 } });
        _proxy.Write(FileEntry(("priority", 50), ("timeoutSeconds", 9), ("cache", new JsonObject { ["staleIfErrorSeconds"] = 3, ["maxAgeSeconds"] = 4 })));

        await Eventually.ShouldHoldAsync(async () => (await ShownAsync())["timeoutSeconds"]!.GetValue<int>() == 9, "the file is read again");

        var shown = await ShownAsync();
        (shown["priority"]!.GetValue<int>(), shown.Text("origin")).ShouldBe((7, "file and api"));
        shown["cache"]!.AsObject().Select(static time => time.Value!.GetValue<int>()).ShouldBe([2, 300, 3, 1]);
    }

    [Fact]
    public async Task What_was_said_holds_after_a_restart()
    {
        await _proxy.TellAsync(HttpMethod.Post, body: ProxySystem.Entry(_second, "added"));
        await _proxy.TellAsync(HttpMethod.Patch, $"/{OfFile}", new JsonObject { ["enabled"] = false });

        var restarted = await _proxy.AddHostAsync();

        var list = await _proxy.TellAsync(HttpMethod.Get, host: restarted);
        list["upstreams"]!.AsArray().Select(static entry => (entry!.AsObject().Text("name"), entry["enabled"]!.GetValue<bool>())).ShouldBe([(OfFile, false), ("added", true)]);
    }

    [Fact]
    public async Task One_of_the_file_that_was_removed_stays_away_until_it_is_added()
    {
        await _proxy.TellAsync(HttpMethod.Delete, $"/{OfFile}");
        _proxy.Write(FileEntry(("priority", 3), ("proxy", "http://127.0.0.1:8"), ("tarballHosts", new JsonArray("of-the-file.example.test"))), ProxySystem.Entry(_second, "second"));
        await Eventually.ShouldHoldAsync(async () => (await NamesAsync()).SequenceEqual(["second"]), "the file is read again");
        var restarted = await _proxy.AddHostAsync();
        (await NamesAsync(restarted)).ShouldBe(["second"]);
        using (var gone = await _proxy.AskAsync(HttpMethod.Patch, $"/{OfFile}", "{}"))
        {
            gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        var added = await _proxy.TellAsync(HttpMethod.Post, body: new JsonObject { ["name"] = OfFile, ["type"] = "npm", ["url"] = "http://127.0.0.1:9" });

        (added.Text("origin"), added["priority"]!.GetValue<int>(), added["auth"]!["type"]!.GetValue<string>()).ShouldBe(("file and api", 100, "none"), "it is kept whole");
        (added["proxy"], added["tarballHosts"]).ShouldBe((null, null), "nothing of the file's entry shows through");
        (await NamesAsync(restarted)).ShouldBe([OfFile, "second"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_was_said_of_one_that_the_file_names_no_more_is_left_out_and_can_be_taken_back()
    {
        await _proxy.TellAsync(HttpMethod.Patch, $"/{OfFile}", new JsonObject { ["priority"] = 7 });
        _proxy.Write();

        await Eventually.ShouldHoldAsync(async () => (await NamesAsync()).Count == 0, "it is left out");

        var problem = (await _proxy.TellAsync(HttpMethod.Get)).Text("problem");
        problem.ShouldStartWith($"The upstream '{OfFile}' is left out");
        problem.ShouldContain("type: is missing");
        (await UpstreamFileTests.HealthAsync(_proxy.Host)).ShouldBe(("degraded", "degraded"));
        await _proxy.TellAsync(HttpMethod.Delete, $"/{OfFile}");
        (await _proxy.TellAsync(HttpMethod.Get))["problem"].ShouldBeNull();
    }

    [Fact]
    public async Task A_change_holds_on_another_instance_from_the_next_read_on()
    {
        var other = await _proxy.AddHostAsync();
        for (var round = 0; round < 10; round++)
        {
            var (early, late) = (PackageSystem.NewName(), PackageSystem.NewName());
            _first.Add(early, "1.0.0");
            _second.Add(late, "2.0.0");
            (await StatusAsync(early, other)).ShouldBe(HttpStatusCode.OK);

            await _proxy.TellAsync(HttpMethod.Post, body: ProxySystem.Entry(_second, $"second{round}"));
            (await StatusAsync(late, other)).ShouldBe(HttpStatusCode.OK);
            await _proxy.TellAsync(HttpMethod.Patch, $"/second{round}", new JsonObject { ["enabled"] = false });
            (await StatusAsync(late, other)).ShouldBe(HttpStatusCode.NotFound);
            await _proxy.TellAsync(HttpMethod.Patch, $"/second{round}", new JsonObject { ["enabled"] = true, ["block"] = new JsonArray(late) });
            (await StatusAsync(late, other)).ShouldBe(HttpStatusCode.UnavailableForLegalReasons);
            await _proxy.TellAsync(HttpMethod.Delete, $"/second{round}");
            (await StatusAsync(late, other)).ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Upstreams_change_while_twenty_clients_read_and_no_request_fails()
    {
        var hosts = new[] { _proxy.Host, await _proxy.AddHostAsync() };
        var both = PackageSystem.NewName();
        _first.Add(both, "1.0.0");
        _second.Add(both, "2.0.0");
        using var enough = new CancellationTokenSource();
        var answers = new ConcurrentDictionary<HttpStatusCode, int>();
        var readers = Enumerable.Range(0, 20).Select(number => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                using var answer = await _proxy.GetAsync($"/{both}", hosts[number % 2]);
                answers.AddOrUpdate(answer.StatusCode, 1, static (_, count) => count + 1);
            }
        })).ToList();

        for (var round = 0; round < 10; round++)
        {
            await _proxy.TellAsync(HttpMethod.Post, body: ProxySystem.Entry(_second, $"s{round}"));
            (await VersionsAsync(both, hosts[1])).ShouldBe(["1.0.0"]);
            await _proxy.TellAsync(HttpMethod.Patch, $"/s{round}", new JsonObject { ["priority"] = 1 });
            (await VersionsAsync(both, hosts[1])).ShouldBe(["2.0.0"]);
            await _proxy.TellAsync(HttpMethod.Patch, $"/s{round}", new JsonObject { ["enabled"] = false }, hosts[1]);
            (await VersionsAsync(both, hosts[0])).ShouldBe(["1.0.0"]);
            await _proxy.TellAsync(HttpMethod.Patch, $"/{OfFile}", new JsonObject { ["enabled"] = false });
            await _proxy.TellAsync(HttpMethod.Patch, $"/s{round}", new JsonObject { ["enabled"] = true });
            (await VersionsAsync(both, hosts[1])).ShouldBe(["2.0.0"]);
            await _proxy.TellAsync(HttpMethod.Patch, $"/{OfFile}", new JsonObject { ["enabled"] = true });
            await _proxy.TellAsync(HttpMethod.Delete, $"/s{round}");
            (await VersionsAsync(both, hosts[1])).ShouldBe(["1.0.0"]);
        }

        await enough.CancelAsync();
        await Task.WhenAll(readers);
        answers.Keys.Except([HttpStatusCode.OK, HttpStatusCode.NotFound]).ShouldBeEmpty("404 only while all were disabled");
        answers[HttpStatusCode.OK].ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task The_watch_goes_on_whatever_the_database_says()
    {
        var logged = new Recorder();
        logged.Listen(_proxy.Host);
        await using var db = own.NewContext();
        await db.Database.ExecuteSqlAsync($"ALTER TABLE upstreams RENAME TO upstreams_away", TestContext.Current.CancellationToken);
        try
        {
            await Eventually.ShouldHoldAsync(
                () => logged.Lines.Any(static line => line.Contains("The upstreams could not be looked up", StringComparison.Ordinal)), "the watch fails");
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"ALTER TABLE upstreams_away RENAME TO upstreams", TestContext.Current.CancellationToken);
        }

        await _proxy.TellAsync(HttpMethod.Post, body: ProxySystem.Entry(_second, "added"));
        await Eventually.ShouldHoldAsync(async () => (await _proxy.TellAsync(HttpMethod.Get, "/added/health")).Text("state") == "ok", "it watches what was added since");
    }

    private JsonObject FileEntry(params (string Key, JsonNode Value)[] more) =>
        ProxySystem.Entry(_first, OfFile, entry =>
        {
            entry["priority"] = 20;
            foreach (var (key, value) in more)
            {
                entry[key] = value;
            }
        });

    private Task<JsonObject> ShownAsync() => _proxy.TellAsync(HttpMethod.Get, $"/{OfFile}");

    private async Task<List<string>> NamesAsync(ServiceHost? host = null) =>
        [.. (await _proxy.TellAsync(HttpMethod.Get, host: host))["upstreams"]!.AsArray().Select(static entry => entry!.AsObject().Text("name"))];

    private async Task<HttpStatusCode> StatusAsync(string name, ServiceHost host)
    {
        using var answer = await _proxy.GetAsync($"/{name}", host);
        return answer.StatusCode;
    }

    private async Task<List<string>> VersionsAsync(string name, ServiceHost host) => [.. (await _proxy.PackumentAsync(name, host))["versions"]!.AsObject().Select(static version => version.Key)];
}
