using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;
using Registry.Testing;
using Registry.Testing.Upstreams;

namespace Registry.PackageService.Tests.Proxying;

/// <summary>What is not published here comes from the upstreams, in their order, in every dialect (P03, P24, M36, M49, M55, K15).</summary>
public sealed class FallThroughTests : IClassFixture<TwoUpstreams>
{
    private readonly PackageSystem _system;
    private readonly NpmUpstream _first;
    private readonly NpmUpstream _second;
    private readonly ProxySystem _proxy;

    public FallThroughTests(PackageSystem system, TwoUpstreams upstreams)
    {
        upstreams.Reset();
        (_system, _first, _second, _proxy) = (system, upstreams.First, upstreams.Second, upstreams.Proxy);
    }

    [Fact]
    public async Task A_packument_of_an_upstream_has_our_links_and_its_versions()
    {
        var name = PackageSystem.NewName();
        _first.Add(name, "1.0.0");
        _first.Add(name, "1.1.0", manifest: new JsonObject { ["dependencies"] = new JsonObject { ["a"] = "^1.0.0" } });
        const string signatures = """[{"keyid":"SHA256:theirs","sig":"MEUCIQ=="}]""";
        _first.Edit = document => document["versions"]!["1.1.0"]!["dist"]!["signatures"] = JsonNode.Parse(signatures);

        var packument = await _proxy.PackumentAsync(name);

        packument["dist-tags"]!["latest"]!.GetValue<string>().ShouldBe("1.1.0");
        packument["versions"]!["1.1.0"]!["dist"]!["tarball"]!.GetValue<string>().ShouldBe($"http://registry.test/{name}/-/{name}-1.1.0.tgz");
        packument["versions"]!["1.1.0"]!["dist"]!["integrity"]!.GetValue<string>().ShouldStartWith("sha512-");
        packument["versions"]!["1.1.0"]!["dist"]!["signatures"]!.ToJsonString().ShouldBe(signatures); // pnpm checks its own before it updates itself
        packument["versions"]!["1.1.0"]!["dependencies"]!["a"]!.GetValue<string>().ShouldBe("^1.0.0");
        packument["time"]!["1.0.0"]!.GetValue<string>().ShouldBe("2020-01-02T03:04:05.000Z");
    }

    [Fact]
    public async Task The_abbreviated_packument_is_a_document_of_its_own()
    {
        var name = $"@scope/{PackageSystem.NewName()}";
        _first.Add(name, "1.0.0", manifest: new JsonObject { ["description"] = "not for installing", ["scripts"] = new JsonObject { ["install"] = "x" } });

        using var answer = await _proxy.GetAsync($"/{name.Replace("/", "%2f", StringComparison.Ordinal)}", null, ("Accept", "application/vnd.npm.install-v1+json"));
        var packument = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/vnd.npm.install-v1+json");
        packument["versions"]!["1.0.0"]!["hasInstallScript"]!.GetValue<bool>().ShouldBeTrue();
        packument["versions"]!["1.0.0"]!.AsObject().ShouldNotContainKey("scripts");
        packument.ShouldNotContainKey("readme");
        answer.Headers.CacheControl!.ToString().ShouldBe("public, must-revalidate, max-age=0");
        answer.Headers.GetValues(InternalHeaders.Cacheable).ShouldBe([$"main/{name}"]);
        int.Parse(answer.Headers.GetValues(InternalHeaders.CacheableFor).Single(), null).ShouldBeInRange(1, 300);
    }

    [Fact]
    public async Task A_client_that_has_the_packument_gets_304()
    {
        var name = PackageSystem.NewName();
        _first.Add(name, "1.0.0");
        using var first = await _proxy.GetAsync($"/{name}");

        using var second = await _proxy.GetAsync($"/{name}", null, ("If-None-Match", first.Headers.ETag!.ToString()));

        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        _first.CountOf($"/{name}").ShouldBe(1);
    }

    [Fact]
    public async Task What_the_first_does_not_have_comes_from_the_second()
    {
        var name = PackageSystem.NewName();
        _second.Add(name, "2.0.0");

        (await _proxy.PackumentAsync(name))["versions"]!.AsObject().ShouldContainKey("2.0.0");
        _first.CountOf($"/{name}").ShouldBe(1);
    }

    [Fact]
    public async Task What_both_have_comes_from_the_first_alone()
    {
        var name = PackageSystem.NewName();
        _first.Add(name, "1.0.0");
        _second.Add(name, "9.0.0");

        (await _proxy.PackumentAsync(name))["versions"]!.AsObject().Select(static version => version.Key).ShouldBe(["1.0.0"]);
        _second.CountOf($"/{name}").ShouldBe(0);
    }

    [Fact]
    public async Task A_failure_of_the_first_is_no_absence_and_the_second_does_not_answer_for_it()
    {
        var name = PackageSystem.NewName();
        _second.Add(name, "9.0.0");
        _first.Fault = static context =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };

        using (var failed = await _proxy.GetAsync($"/{name}"))
        {
            failed.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            failed.Headers.RetryAfter.ShouldNotBeNull();
            (await failed.Content.ReadFromJsonAsync<JsonObject>())!["code"]!.GetValue<string>().ShouldBe("upstream_unavailable");
        }

        _second.CountOf($"/{name}").ShouldBe(0);
        _first.Fault = null;
        (await _proxy.PackumentAsync(name))["versions"]!.AsObject().ShouldContainKey("9.0.0");
    }

    [Fact]
    public async Task What_nobody_has_is_not_found()
    {
        using var answer = await _proxy.GetAsync($"/{PackageSystem.NewName()}");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]!.GetValue<string>().ShouldBe("package_not_found");
    }

    [Fact]
    public async Task Manifest_tags_and_tarball_come_from_the_upstream()
    {
        var name = PackageSystem.NewName();
        var bytes = _first.Add(name, "1.0.0", manifest: new JsonObject { ["description"] = "from afar" });

        using var manifest = await _proxy.GetAsync($"/{name}/latest");
        (await manifest.Content.ReadFromJsonAsync<JsonObject>())!["description"]!.GetValue<string>().ShouldBe("from afar");
        using var tags = await _proxy.GetAsync($"/-/package/{name}/dist-tags");
        (await tags.Content.ReadFromJsonAsync<JsonObject>())!["latest"]!.GetValue<string>().ShouldBe("1.0.0");
        using var tarball = await _proxy.GetAsync($"/{name}/-/{name}-1.0.0.tgz");
        (await tarball.Content.ReadAsByteArrayAsync()).ShouldBe(bytes);

        using var again = await _proxy.GetAsync($"/{name}/-/{name}-1.0.0.tgz");
        again.Headers.GetValues(InternalHeaders.Blob).Single().ShouldStartWith("sha256:");
        _first.CountOf($"/{name}/-/{name}-1.0.0.tgz").ShouldBe(1);
        using var absent = await _proxy.GetAsync($"/{name}/3.0.0");
        absent.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Pantry_gets_the_same_package_in_its_own_words()
    {
        var name = PackageSystem.NewName();
        var bytes = _first.Add(name, "1.0.0");
        _first.Add(name, "1.2.0", manifest: new JsonObject { ["repository"] = new JsonObject { ["url"] = "https://example.test/r" } });
        using var pantry = _proxy.Pantry();

        var latest = (await pantry.GetFromJsonAsync<JsonObject>($"/packages/{name}"))!;
        latest["version"]!.GetValue<string>().ShouldBe("1.2.0");
        latest["repository"]!.GetValue<string>().ShouldBe("https://example.test/r");
        latest["checksum"]!.GetValue<string>().ShouldStartWith("sha1:"); // P34
        latest["tarballUrl"]!.GetValue<string>().ShouldBe($"http://registry.test/packages/{name}/1.2.0/tarball");
        var versions = (await pantry.GetFromJsonAsync<JsonObject>($"/packages/{name}/versions"))!;
        versions["versions"]!.AsArray().Select(static version => version!.GetValue<string>()).ShouldBe(["1.0.0", "1.2.0"]);
        (await pantry.GetByteArrayAsync(new Uri($"/packages/{name}/1.0.0/tarball", UriKind.Relative))).ShouldBe(bytes);
    }

    [Fact]
    public async Task The_web_pages_say_where_a_package_comes_from()
    {
        var name = PackageSystem.NewName();
        _first.Add(name, "1.0.0", manifest: new JsonObject { ["description"] = "from afar", ["license"] = "MIT" });
        using var native = _proxy.Native();

        var page = (await native.GetFromJsonAsync<JsonObject>($"/api/v1/repositories/main/packages/{name}"))!;

        page["description"]!.GetValue<string>().ShouldBe("from afar");
        page["upstream"]!.GetValue<string>().ShouldStartWith("first");
        page["versions"]!.AsArray().Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("x-y", "x-y")]
    [InlineData("x-y", "x_y")]
    [InlineData("x-y", "X.Y")]
    [InlineData("x-y", "xy")]
    public async Task A_name_published_here_or_one_that_looks_like_it_is_never_fetched(string ours, string theirs)
    {
        var suffix = PackageSystem.NewName("n");
        var owner = await _system.NewUserAsync();
        await _system.PublishedAsync(owner, $"{ours}{suffix}", access: RequestedAccess.Public);
        var name = $"{theirs}{suffix}";
        _first.Add(name, "9.9.9");

        using var packument = await _proxy.GetAsync($"/{name}");
        using var tarball = await _proxy.GetAsync($"/{name}/-/{name}-9.9.9.tgz");
        using var manifest = await _proxy.GetAsync($"/{name}/9.9.9");
        using var tags = await _proxy.GetAsync($"/-/package/{name}/dist-tags");
        using var pantry = _proxy.Pantry();
        using var metadata = await pantry.GetAsync(new Uri($"/packages/{name}/9.9.9", UriKind.Relative));
        using var bytes = await pantry.GetAsync(new Uri($"/packages/{name}/9.9.9/tarball", UriKind.Relative));
        using var native = _proxy.Native();
        using var page = await native.GetAsync(new Uri($"/api/v1/repositories/main/packages/{name}", UriKind.Relative));

        new[] { tarball, manifest, metadata, bytes }.ShouldAllBe(static answer => answer.StatusCode == HttpStatusCode.NotFound);
        new[] { packument, tags, page }.ShouldAllBe(answer => answer.StatusCode == (ours == theirs ? HttpStatusCode.OK : HttpStatusCode.NotFound));
        _first.Requests.ShouldNotContain(request => request.Contains(suffix, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_name_that_is_hidden_or_was_removed_is_not_fetched_either()
    {
        var owner = await _system.NewUserAsync();
        var (hidden, removed) = ($"@{PackageSystem.NewName("s")}/x", PackageSystem.NewName());
        await _system.PublishedAsync(owner, hidden, access: RequestedAccess.Restricted);
        var rev = await _system.PublishedAsync(owner, removed);
        using (var npm = _system.Npm(owner))
        using (var gone = await npm.DeleteAsync(new Uri($"/{removed}/-rev/{rev}", UriKind.Relative)))
        {
            gone.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _first.Add(hidden, "9.9.9");
        _first.Add(removed, "9.9.9");

        using var first = await _proxy.GetAsync($"/{hidden.Replace("/", "%2f", StringComparison.Ordinal)}");
        using var second = await _proxy.GetAsync($"/{removed}");

        first.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        second.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        _first.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_that_is_published_here_from_now_on_is_ours_at_once()
    {
        var name = PackageSystem.NewName();
        _first.Add(name, "9.9.9");
        (await _proxy.PackumentAsync(name))["versions"]!.AsObject().ShouldContainKey("9.9.9");

        await _system.PublishedAsync(await _system.NewUserAsync(), name);

        (await _proxy.PackumentAsync(name))["versions"]!.AsObject().Select(static version => version.Key).ShouldBe(["1.0.0"]);
    }

    [Theory]
    [InlineData("loft", true)]
    [InlineData("main", false)]
    public async Task A_mount_or_repository_that_does_not_fall_through_does_not(string repository, bool mount)
    {
        var name = PackageSystem.NewName();
        _first.Add(name, "1.0.0");
        using var client = _proxy.Host.ClientFor(
            Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Npm) with { Repository = repository, UsesUpstreams = mount });

        using var answer = await client.GetAsync(new Uri($"/{name}", UriKind.Relative));

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        _first.Requests.ShouldBeEmpty();
    }
}
