using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Dialects;

public sealed class NpmReadTests(PackageSystem system)
{
    private const string Install = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

    [Fact]
    public async Task The_full_packument_has_every_part_that_clients_read()
    {
        var user = await system.NewUserAsync();
        var name = $"@{PackageSystem.NewName("s")}/x";
        var manifest = new JsonObject
        {
            ["description"] = "Says hello",
            ["license"] = "MIT",
            ["custom"] = new JsonObject { ["kept"] = true },
            ["scripts"] = new JsonObject { ["postinstall"] = "node x" },
            ["dependencies"] = new JsonObject { ["a"] = "^1.0.0" },
        };
        await system.PublishAsync(
            PackageSystem.Command(name, manifest: manifest) with { Access = RequestedAccess.Public, Readme = "# Hello", ReadmeFilename = "README.md" }, user);

        using var response = await GetAsync($"/{name}");
        var full = await JsonAsync(response);

        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        full["_id"]!.GetValue<string>().ShouldBe(name);
        full["_rev"]!.GetValue<string>().ShouldMatch("^[0-9]+-[0-9a-f]{32}$");
        full["dist-tags"]!["latest"]!.GetValue<string>().ShouldBe("1.0.0");
        full["readme"]!.GetValue<string>().ShouldBe("# Hello");
        full["description"]!.GetValue<string>().ShouldBe("Says hello");
        full["maintainers"]![0]!["name"]!.GetValue<string>().ShouldBe(user.UserName);
        full["time"]!.AsObject().Select(t => t.Key).ShouldBe(["created", "modified", "1.0.0"]);
        full["time"]!["modified"]!.GetValue<string>().ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$");
        var version = full["versions"]!["1.0.0"]!;
        version["custom"]!["kept"]!.GetValue<bool>().ShouldBeTrue();
        version["_id"]!.GetValue<string>().ShouldBe($"{name}@1.0.0");
        version["_npmUser"]!["name"]!.GetValue<string>().ShouldBe(user.UserName);
        version["dist"]!["tarball"]!.GetValue<string>().ShouldBe($"http://registry.test/{name}/-/x-1.0.0.tgz");
        version["dist"]!["integrity"]!.GetValue<string>().ShouldStartWith("sha512-");
        version["dist"]!["fileCount"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task The_abbreviated_packument_has_what_installing_needs_and_nothing_else()
    {
        var name = PackageSystem.NewName();
        var manifest = new JsonObject { ["description"] = "x", ["scripts"] = new JsonObject { ["install"] = "x" }, ["bin"] = new JsonObject { ["x"] = "x.js" } };
        await system.PublishAsync(PackageSystem.Command(name, manifest: manifest), await system.NewUserAsync());

        using var response = await GetAsync($"/{name}", ("Accept", Install));
        var document = await JsonAsync(response);

        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/vnd.npm.install-v1+json");
        document.Select(m => m.Key).ShouldBe(["name", "modified", "dist-tags", "versions", "time"], ignoreOrder: true);
        var version = document["versions"]!["1.0.0"]!.AsObject();
        version.Select(m => m.Key).ShouldBe(["name", "version", "bin", "hasInstallScript", "_npmUser", "dist"], ignoreOrder: true);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("*/*", false)]
    [InlineData("application/json", false)]
    [InlineData("application/json, application/vnd.npm.install-v1+json;q=0.5", false)]
    [InlineData("application/vnd.npm.install-v1+json;q=0", false)]
    [InlineData("application/vnd.npm.install-v1+json", true)]
    [InlineData(Install, true)]
    public async Task The_form_follows_the_quality_of_what_is_accepted(string? accept, bool abbreviated)
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);

        using var plain = await GetAsync($"/{name}", ("Accept", accept));
        using var writing = await GetAsync($"/{name}?write=true", ("Accept", accept));

        ((await JsonAsync(plain))["_id"] is null).ShouldBe(abbreviated);
        (await JsonAsync(writing))["_rev"].ShouldNotBeNull();
    }

    [Theory]
    [InlineData("gzip,deflate", "gzip")]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("br;q=0.5, gzip", "gzip")]
    [InlineData("gzip;q=0, BR", "br")]
    [InlineData("*", "gzip")]
    [InlineData("gzip;q=0", null)]
    [InlineData("zstd", null)]
    [InlineData("\"", null)]
    public async Task What_is_compressed_for_who_takes_it_says_the_same(string accepted, string? coding)
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);

        using var plain = await GetAsync($"/{name}");
        using var packed = await GetAsync($"/{name}", ("Accept-Encoding", accepted));
        var body = await packed.Content.ReadAsStreamAsync();
        await using var unpacked = coding switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => body,
        };

        packed.Content.Headers.ContentEncoding.ShouldBe(coding is null ? [] : [coding]);
        packed.Content.Headers.ContentLength.ShouldNotBeNull();
        Equals(packed.Headers.ETag, plain.Headers.ETag).ShouldBe(coding is null);
        (await new StreamReader(unpacked).ReadToEndAsync()).ShouldBe(await plain.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task HEAD_has_the_headers_of_GET_and_no_body()
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);
        using var client = system.Npm();

        using var get = await client.GetAsync($"/{name}");
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/{name}"));

        head.Headers.ETag.ShouldBe(get.Headers.ETag);
        head.Content.Headers.ContentLength.ShouldBe((await get.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task A_forged_host_changes_only_its_own_answer()
    {
        var name = PackageSystem.NewName();
        await system.PublishedAsync(await system.NewUserAsync(), name);
        using var forger = system.Packages.ClientFor(Caller.Anonymous, TestKeys.Mount(Contracts.Http.Dialects.Npm, "http://evil.test", isCanonical: false));

        using var forged = await forger.GetAsync($"/{name}");
        using var honest = await GetAsync($"/{name}");

        (await forged.Content.ReadAsStringAsync()).ShouldContain("http://evil.test/");
        forged.Headers.Contains(InternalHeaders.Cacheable).ShouldBeFalse();
        (await honest.Content.ReadAsStringAsync()).ShouldNotContain("evil.test");
        honest.Headers.GetValues(InternalHeaders.Cacheable).ShouldBe([$"main/{name}"]);
    }

    [Fact]
    public async Task A_restricted_package_is_read_by_its_maintainer_and_administrators_only()
    {
        var owner = await system.NewUserAsync();
        var name = $"@{PackageSystem.NewName("s")}/secret";
        await system.PublishedAsync(owner, name, access: RequestedAccess.Default);

        foreach (var path in new[] { $"/{name}", $"/{name}/1.0.0", $"/{name}/-/secret-1.0.0.tgz", $"/-/package/{name}/dist-tags" })
        {
            using var mine = await system.Npm(owner).GetAsync(path);
            using var administrators = await system.Npm(TestKeys.User("root", isAdministrator: true)).GetAsync(path);
            using var others = await system.Npm(TestKeys.User("other")).GetAsync(path);
            using var limited = await system.Npm(owner with { Limits = new TokenLimits(true, ["x"], null) }).GetAsync(path);
            using var anonymous = await system.Npm().GetAsync(path);
            using var absent = await system.Npm().GetAsync(path.Replace("secret", "absent", StringComparison.Ordinal));

            mine.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            mine.Headers.CacheControl!.Private.ShouldBeTrue();
            mine.Headers.Contains(InternalHeaders.Cacheable).ShouldBeFalse();
            administrators.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            new[] { others, limited, anonymous }.ShouldAllBe(r => r.StatusCode == HttpStatusCode.NotFound, path);
            WithoutTrace(await JsonAsync(anonymous)).ShouldBe(WithoutTrace(await JsonAsync(absent)));
        }
    }

    [Fact]
    public async Task A_version_or_tag_answers_its_manifest()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        await system.PublishedAsync(user, name);
        await system.PublishedAsync(user, name, "2.0.0-rc.1+build.5", "next");

        foreach (var (asked, version) in new[] { ("1.0.0", "1.0.0"), ("latest", "1.0.0"), ("next", "2.0.0-rc.1+build.5"), ("2.0.0-rc.1+build.5", "2.0.0-rc.1+build.5") })
        {
            using var response = await GetAsync($"/{name}/{asked}");
            (await JsonAsync(response))["version"]!.GetValue<string>().ShouldBe(version);
        }

        using var absent = await GetAsync($"/{name}/9.9.9");
        absent.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await JsonAsync(absent))["error"]!.GetValue<string>().ShouldBe("version not found: 9.9.9");
    }

    [Fact]
    public async Task Every_tarball_path_names_the_same_blob_and_nothing_else_resolves()
    {
        var user = await system.NewUserAsync();
        var name = $"@{PackageSystem.NewName("s")}/x";
        await system.PublishedAsync(user, name);
        var expected = PackageSystem.Command(name).Tarball.Digest;

        foreach (var path in new[] { $"/{name}/-/x-1.0.0.tgz", $"/{name}/-/{name}-1.0.0.tgz", $"/{name.Replace("/", "%2f", StringComparison.Ordinal)}/-/x-1.0.0.tgz", $"/{name}/tarball/1.0.0" })
        {
            using var response = await GetAsync(path);
            response.Headers.GetValues(InternalHeaders.Blob).ShouldBe([expected], path);
            response.Headers.ETag!.Tag.ShouldBe($"\"{expected}\"");
            response.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
            response.Headers.CacheControl!.ToString().ShouldBe("public, max-age=31536000, immutable");
            using var again = await GetAsync(path, ("If-None-Match", $"\"{expected}\""));
            again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
            again.Headers.Contains(InternalHeaders.Blob).ShouldBeFalse();
        }

        foreach (var file in new[] { "x-1.0.1.tgz", "x-1.0.0.tar.gz", "y-1.0.0.tgz", "x-latest.tgz", "..%2f..%2fx-1.0.0.tgz", "x-.tgz" })
        {
            using var response = await GetAsync($"/{name}/-/{file}");
            response.StatusCode.ShouldBe(HttpStatusCode.NotFound, file);
        }
    }

    [Theory]
    [InlineData("/_x", 400)]
    [InlineData("/@x", 400)]
    [InlineData("/x@y", 400)]
    [InlineData("/.x", 400)]
    [InlineData("/@a%2f..%2fb", 400)]
    [InlineData("/x%zz", 400)]
    [InlineData("/nobody-published-this", 404)]
    [InlineData("/nobody-published-this/1.0.0", 404)]
    [InlineData("/favicon.ico", 404)]
    [InlineData("/robots.txt", 404)]
    [InlineData("/-/all", 404)]
    [InlineData("/x/y/z/w", 404)]
    public async Task What_is_not_there_is_a_4xx_with_a_sentence(string path, int status)
    {
        using var response = await GetAsync(path);

        ((int)response.StatusCode).ShouldBe(status);
        (await JsonAsync(response))["error"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task Ping_and_root_answer_as_old_tools_expect()
    {
        using var ping = await GetAsync("/-/ping?write=true");
        using var root = await GetAsync("/");

        (await ping.Content.ReadAsStringAsync()).ShouldBe("{}");
        (await JsonAsync(root)).Select(m => m.Key).ShouldBe(["db_name", "doc_count", "update_seq"]);
    }

    [Fact]
    public async Task A_packument_of_many_versions_takes_one_rendering_however_many_ask()
    {
        var (user, name) = (await system.NewUserAsync(), PackageSystem.NewName());
        foreach (var i in Enumerable.Range(0, 20))
        {
            await system.PublishedAsync(user, name, $"1.0.{i}");
        }

        var bodies = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var response = await GetAsync($"/{name}");
            return await response.Content.ReadAsStringAsync();
        }));

        bodies.Distinct().Count().ShouldBe(1);
        JsonDocument.Parse(bodies[0]).RootElement.GetProperty("versions").EnumerateObject().Select(v => v.Name)
            .ShouldBe(Enumerable.Range(0, 20).Select(i => $"1.0.{i}"));
    }

    private static string WithoutTrace(JsonObject problem)
    {
        problem.Remove("traceId");
        return problem.ToJsonString();
    }

    private static async Task<JsonObject> JsonAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonObject>())!;

    private Task<HttpResponseMessage> GetAsync(string path, params (string Name, string? Value)[] headers) => system.GetNpmAsync(path, headers);
}
