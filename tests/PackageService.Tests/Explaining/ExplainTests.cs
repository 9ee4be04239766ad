using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Proxying;
using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Explaining;

/// <summary><c>?explain=1</c> tells administrators how an answer came about, in every dialect.</summary>
public sealed class ExplainTests : IClassFixture<TwoUpstreams>
{
    private static readonly Caller Administrator = TestKeys.User("root", isAdministrator: true);
    private readonly PackageSystem _system;
    private readonly (string First, string Second) _names;
    private readonly NpmUpstream _first;
    private readonly NpmUpstream _second;
    private readonly ProxySystem _proxy;

    public ExplainTests(PackageSystem system, TwoUpstreams upstreams)
    {
        upstreams.Reset();
        (_system, _names, _first, _second, _proxy) = (system, upstreams.Names, upstreams.First, upstreams.Second, upstreams.Proxy);
    }

    [Fact]
    public async Task The_way_of_a_packument_through_the_upstreams_is_told_step_by_step()
    {
        var name = PackageSystem.NewName();
        _second.Add(name, "1.0.0");

        var told = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{name}");
        var again = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{name}");

        told["mount"]!.AsObject().Select(static member => member.Value!.ToString()).ShouldBe(["npm", "npm", "main", "http://registry.test", "true"]);
        (told["caller"]!.GetValue<string>(), told["package"]!.GetValue<string>()).ShouldBe(("root", name));
        Steps(told).ShouldBe([("main", "not published here", null), (_names.First, "not found", "fetched"), (_names.Second, "found", "fetched")]);
        told["steps"]!.AsArray().Skip(1).ShouldAllBe(static step => step!["milliseconds"]!.GetValue<double>() > 0);
        told["answer"]!["status"]!.GetValue<int>().ShouldBe(200);
        told["answer"]!["bodyBytes"]!.GetValue<long>().ShouldBeGreaterThan(100);
        told["answer"]!["isRemembered"]!.GetValue<bool>().ShouldBeFalse();
        told["answer"]!["headers"]!["ETag"].ShouldNotBeNull();
        Steps(again).ShouldBe([("main", "not published here", null), (_names.First, "not found", "fresh"), (_names.Second, "found", "revalidated")]);
    }

    [Theory]
    [InlineData(Contracts.Http.Dialects.Npm, "/{0}")]
    [InlineData(Contracts.Http.Dialects.Npm, "/{0}/1.0.0")]
    [InlineData(Contracts.Http.Dialects.Npm, "/{0}/latest")]
    [InlineData(Contracts.Http.Dialects.Npm, "/-/package/{0}/dist-tags")]
    [InlineData(Contracts.Http.Dialects.Npm, "/{0}/-/{0}-1.0.0.tgz")]
    [InlineData(Contracts.Http.Dialects.Npm, "/{0}/tarball/1.0.0")]
    [InlineData(Contracts.Http.Dialects.Pantry, "/packages/{0}")]
    [InlineData(Contracts.Http.Dialects.Pantry, "/packages/{0}/1.0.0")]
    [InlineData(Contracts.Http.Dialects.Pantry, "/packages/{0}/versions")]
    [InlineData(Contracts.Http.Dialects.Pantry, "/packages/{0}/1.0.0/tarball")]
    [InlineData(Contracts.Http.Dialects.Pantry, "/packages/{0}/latest/tarball")]
    [InlineData(Contracts.Http.Dialects.Native, "/api/v1/repositories/main/packages/{0}")]
    public async Task Every_read_can_be_explained_wherever_the_package_is(string dialect, string path)
    {
        var (ours, theirs, nobodys) = (PackageSystem.NewName(), PackageSystem.NewName(), PackageSystem.NewName());
        await _system.PublishedAsync(await _system.NewUserAsync(), ours);
        _first.Add(theirs, "1.0.0");

        var here = await ExplainAsync(dialect, Path(ours));
        var there = await ExplainAsync(dialect, Path(theirs));
        var nowhere = await ExplainAsync(dialect, Path(nobodys));

        Steps(here).ShouldBe([("main", "published here", null)]);
        Steps(there).Take(2).ShouldBe([("main", "not published here", null), (_names.First, "found", "fetched")]);
        new[] { here, there }.ShouldAllBe(static told => told["answer"]!["status"]!.GetValue<int>() == 200);
        new[] { here, there }.ShouldAllBe(told => told["answer"]!["blob"] != null == (path.Contains("tarball", StringComparison.Ordinal) || path.EndsWith("tgz", StringComparison.Ordinal)));
        Steps(nowhere)[..3].ShouldBe([("main", "not published here", null), (_names.First, "not found", "fetched"), (_names.Second, "not found", "fetched")]);
        nowhere["answer"]!["status"]!.GetValue<int>().ShouldBe(404);
        nowhere["answer"]!["problem"]!.GetValue<string>().ShouldContain("_not_found");

        string Path(string name) => path.Replace("{0}", name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tarball_is_told_of_by_its_blob_and_not_sent()
    {
        var name = PackageSystem.NewName();
        _first.Add(name, "1.0.0");

        var told = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{name}/-/{name}-1.0.0.tgz");
        var again = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{name}/-/{name}-1.0.0.tgz");

        Steps(told)[^1].ShouldBe(("tarball", "downloaded", null));
        Steps(again)[^1].ShouldBe(("tarball", "stored", null));
        told["answer"]!["blob"]!.GetValue<string>().ShouldStartWith("sha256:");
        again["answer"]!["blob"]!.GetValue<string>().ShouldBe(told["answer"]!["blob"]!.GetValue<string>());
        _first.CountOf($"/{name}/-/{name}-1.0.0.tgz").ShouldBe(1);
    }

    [Fact]
    public async Task Rules_name_themselves()
    {
        var name = PackageSystem.NewName();
        _first.Add(name, "1.0.0");
        _first.Add(name, "6.6.6");

        var package = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/blocked-{name}");
        var version = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{name}/-/{name}-6.6.6.tgz");

        StepOf(package, _names.First).ShouldBe(("blocked", "rule blocked-*"));
        package["answer"]!["status"]!.GetValue<int>().ShouldBe(451);
        package["answer"]!["problem"]!.GetValue<string>().ShouldContain("package_blocked");
        version["answer"]!["status"]!.GetValue<int>().ShouldBe(451);
        version["answer"]!["problem"]!.GetValue<string>().ShouldContain("unlucky");
    }

    [Fact]
    public async Task A_name_that_is_ours_says_why_nobody_is_asked()
    {
        var (hidden, removed) = ($"@{PackageSystem.NewName("s")}/x", PackageSystem.NewName());
        var owner = await _system.NewUserAsync();
        await _system.PublishedAsync(owner, hidden, access: RequestedAccess.Restricted);
        var rev = await _system.PublishedAsync(owner, removed);
        using (var npm = _system.Npm(owner))
        using (var gone = await npm.DeleteAsync(new Uri($"/{removed}/-rev/{rev}", UriKind.Relative)))
        {
            gone.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var alike = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{hidden.Replace("/", "%2f", StringComparison.Ordinal).ToUpperInvariant()}");
        var once = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{removed}");
        var restricted = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{hidden.Replace("/", "%2f", StringComparison.Ordinal)}");

        StepOf(alike, "upstreams").ShouldBe(("not asked", $"name shield: {hidden} is published here"));
        StepOf(once, "upstreams").ShouldBe(("not asked", "name shield: the name was published here once"));
        Steps(restricted).ShouldBe([("main", "published here", null)], "administrators may read it");
        _first.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("loft", true, "this repository does not fall through")]
    [InlineData("main", false, "this mount does not fall through")]
    public async Task A_mount_or_repository_without_upstreams_says_so(string repository, bool mount, string reason)
    {
        var told = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{PackageSystem.NewName()}", TestKeys.Mount(Contracts.Http.Dialects.Npm) with { Repository = repository, UsesUpstreams = mount });

        StepOf(told, "upstreams").ShouldBe(("not asked", reason));
    }

    [Fact]
    public async Task A_stale_answer_says_why_it_is_stale_and_a_missing_one_why_it_is_missing()
    {
        var (known, unknown) = (PackageSystem.NewName(), PackageSystem.NewName());
        var name = PackageSystem.NewName("closed");
        await using var upstream = await NpmUpstream.StartAsync();
        await using var proxy = await ProxySystem.StartAsync(
            _system, ProxySystem.Entry(upstream, name, static entry => entry["cache"] = new JsonObject { ["maxAgeSeconds"] = 0, ["staleWhileRevalidateSeconds"] = 0 }));
        upstream.Add(known, "1.0.0");
        await proxy.PackumentAsync(known);
        await upstream.CloseAsync();

        var stale = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{known}", proxy: proxy);
        var missing = await ExplainAsync(Contracts.Http.Dialects.Npm, $"/{unknown}", proxy: proxy);

        Steps(stale)[^1].ShouldBe((name, "found", "stale"));
        StepOf(stale, name).Detail.ShouldNotBeNull().ShouldContain(name);
        stale["answer"]!["status"]!.GetValue<int>().ShouldBe(200);
        Steps(missing)[^1].ShouldBe((name, "failed", null));
        missing["answer"]!["status"]!.GetValue<int>().ShouldBe(503);
        missing["answer"]!["headers"]!["Retry-After"].ShouldNotBeNull();
        missing["answer"]!["problem"]!.GetValue<string>().ShouldContain("upstream_unavailable");
    }

    [Fact]
    public async Task What_the_client_has_already_does_not_count()
    {
        var name = PackageSystem.NewName();
        await _system.PublishedAsync(await _system.NewUserAsync(), name);
        using var npm = _proxy.Npm(Administrator);
        using var first = await npm.GetAsync(new Uri($"/{name}", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/{name}?explain=1");
        request.Headers.TryAddWithoutValidation("If-None-Match", first.Headers.ETag!.ToString());
        request.Headers.IfModifiedSince = DateTimeOffset.MaxValue.AddYears(-1);

        using var answer = await npm.SendAsync(request);
        var told = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["answer"]!;

        told["status"]!.GetValue<int>().ShouldBe(200);
        told["isRemembered"]!.GetValue<bool>().ShouldBeTrue();
        told["headers"]!["ETag"]!.GetValue<string>().ShouldBe(first.Headers.ETag!.ToString());
    }

    [Fact]
    public async Task The_Gateway_is_given_nothing_to_remember_and_no_blob_to_send()
    {
        var name = PackageSystem.NewName();
        await _system.PublishedAsync(await _system.NewUserAsync(), name);
        using var npm = _proxy.Npm(Administrator);
        foreach (var path in new[] { $"/{name}", $"/{name}/-/{name}-1.0.0.tgz", $"/{PackageSystem.NewName()}" })
        {
            using var answer = await npm.GetAsync(new Uri($"{path}?explain=1", UriKind.Relative));

            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
            answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
            answer.Headers.ETag.ShouldBeNull();
            (answer.Headers.Contains(InternalHeaders.Blob), answer.Headers.Contains(InternalHeaders.Cacheable)).ShouldBe((false, false));
        }
    }

    [Fact]
    public async Task Only_administrators_without_limits_are_told()
    {
        var name = PackageSystem.NewName();
        await _system.PublishedAsync(await _system.NewUserAsync(), name);
        foreach (var (caller, status, code) in new[]
        {
            (Caller.Anonymous, HttpStatusCode.Unauthorized, "login_required"),
            (TestKeys.User("somebody"), HttpStatusCode.Forbidden, "administrator_required"),
            (Administrator with { Limits = new TokenLimits(false, ["x"], null) }, HttpStatusCode.Forbidden, "token_limited"),
            (Administrator with { Limits = new TokenLimits(true, null, null) }, HttpStatusCode.OK, null),
        })
        {
            using var npm = _proxy.Npm(caller);
            using var answer = await npm.GetAsync(new Uri($"/{name}?explain=1", UriKind.Relative));

            answer.StatusCode.ShouldBe(status);
            (await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]?.GetValue<string>().ShouldBe(code);
        }
    }

    [Theory]
    [InlineData("HEAD", "1")]
    [InlineData("GET", "0")]
    [InlineData("GET", "")]
    public async Task Anything_else_is_answered_as_always(string method, string value)
    {
        var name = PackageSystem.NewName();
        await _system.PublishedAsync(await _system.NewUserAsync(), name);
        using var npm = _proxy.Npm();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/{name}?explain={value}");

        using var answer = await npm.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.ETag.ShouldNotBeNull();
    }

    private static List<(string Source, string Outcome, string? Cache)> Steps(JsonObject told) =>
        [.. told["steps"]!.AsArray().Select(static step => (step!["source"]!.GetValue<string>(), step["outcome"]!.GetValue<string>(), step["cache"]?.GetValue<string>()))];

    private static (string Outcome, string? Detail) StepOf(JsonObject told, string source) =>
        told["steps"]!.AsArray().Where(step => step!["source"]!.GetValue<string>() == source)
            .Select(static step => (step!["outcome"]!.GetValue<string>(), step["detail"]?.GetValue<string>())).ShouldHaveSingleItem();

    private async Task<JsonObject> ExplainAsync(string dialect, string path, MountContext? mount = null, ProxySystem? proxy = null)
    {
        using var client = (proxy ?? _proxy).Host.ClientFor(Administrator, mount ?? TestKeys.Mount(dialect));
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri($"{client.BaseAddress}{path[1..]}?explain=1", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using var answer = await client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}
