using System.Globalization;
using System.Text.Json;

using Registry.Upstreams.Tests.Loopback;
using Registry.Upstreams.Types;

namespace Registry.Upstreams.Tests.Types;

/// <summary>Packuments that are put together from several answers.</summary>
public sealed class MadePackumentTests : IAsyncLifetime
{
    private const string Sha256 = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    private LoopbackServer? _server;

    private LoopbackServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await LoopbackServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Fact]
    public async Task A_manifest_says_what_the_registry_says()
    {
        ServeVersions("1.0.0", "2.0.0-rc.1");
        ServeVersion("1.0.0", $$"""
            "description":"says hello","repository":{"url":"git+https://git.example.test/hello.git"},"homepage":"https://hello.example.test/","license":"MIT",
            "author":{"name":"Ada"},"keywords":["a","b"],"bin":{"hello":"cli.js"},"dependencies":{"left":"^1.0.0","bad":7},"devDependencies":{"right":"~2.0.0"},
            "peerDependencies":{"peer":"*"},"checksum":"{{Sha256}}","publishedAt":"2026-01-02T03:04:05Z","private":"stays away"
            """);
        ServeVersion("2.0.0-rc.1", """ "checksum":"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d","tarballUrl":"https://files.example.test/hello.tgz?v=2" """);

        var json = Json(await FetchAsync());

        json.ShouldBe("""
            {"name":"hello","dist-tags":{"latest":"1.0.0"},"versions":{
            "1.0.0":{"name":"hello","version":"1.0.0","description":"says hello","repository":{"url":"git+https://git.example.test/hello.git"},"homepage":"https://hello.example.test/","license":"MIT","author":{"name":"Ada"},"keywords":["a","b"],"bin":{"hello":"cli.js"},
            "dependencies":{"left":"^1.0.0"},"peerDependencies":{"peer":"*"},"devDependencies":{"right":"~2.0.0"},
            "dist":{"tarball":"packages/hello/1.0.0/tarball","integrity":"sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="}},
            "2.0.0-rc.1":{"name":"hello","version":"2.0.0-rc.1",
            "dist":{"tarball":"https://files.example.test/hello.tgz?v=2","integrity":"sha1-qvTGHdzF6KLavt4PO0gs2a6pQ00=","shasum":"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"}}},
            "time":{"1.0.0":"2026-01-02T03:04:05Z"}}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public async Task What_is_known_is_not_asked_for_again()
    {
        ServeVersions("1.0.0", "1.1.0");
        ServeVersion("1.0.0", $$""" "checksum":"{{Sha256}}","publishedAt":"2026-01-02T03:04:05Z" """);
        ServeVersion("1.1.0", "");
        var first = (await FetchAsync()).ShouldBeOfType<PackumentAnswer.Found>().Packument;
        Server.Json("/packages/hello/1.0.0", "no longer asked for").Json("/packages/hello/versions", """{"versions":["1.0.0","1.1.0","1.2.0"]}""");

        (await FetchAsync(first)).ShouldBe(new PackumentAnswer.NotModified()); // 1.2.0 is named and not there
        ServeVersion("1.2.0", "");
        var asked = Server.Requests.Count;
        var second = (await FetchAsync(first)).ShouldBeOfType<PackumentAnswer.Found>().Packument;

        Server.Requests.Skip(asked).Select(request => request.Target).ShouldBe(["/packages/hello", "/packages/hello/versions", "/packages/hello/1.2.0"]);
        Json(new PackumentAnswer.Found(second)).ShouldContain("2026-01-02T03:04:05Z");
        (await FetchAsync(second)).ShouldBe(new PackumentAnswer.NotModified());
        (second.ETag, second.LastModified).ShouldBe((null, null));
    }

    [Fact]
    public async Task A_broken_version_does_not_spoil_the_others()
    {
        ServeVersions("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "not-one");
        ServeVersion("1.0.0", "");
        ServeVersion("1.1.0", """ "checksum":"sha256:abc123..." """);
        Server.Json("/packages/hello/1.2.0", """{"name":"other","version":"1.2.0"}""").Json("/packages/hello/1.3.0", "<html>");
        ServeVersion("1.4.0", """ "tarballUrl":"https://[" """);
        Server.On("/packages/hello/1.5.0", static context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });

        Versions(await FetchAsync()).ShouldBe(["1.0.0"]);
    }

    [Fact]
    public async Task Where_all_are_broken_the_answer_is_bad()
    {
        ServeVersions("1.0.0");
        ServeVersion("1.0.0", """ "checksum":"sha256:abc123..." """);
        Server.Json("/packages/odd", """{"name":"odd","version":"one"}""").Json("/packages/odd/versions", """{"versions":["one","1.0"]}""");

        (await Should.ThrowAsync<RegistryException>(() => FetchAsync())).Failure.ShouldBe(RegistryFailure.BadAnswer);
        (await Should.ThrowAsync<RegistryException>(() => FetchAsync(null, "odd"))).Failure.ShouldBe(RegistryFailure.BadAnswer);
    }

    [Fact]
    public async Task A_registry_that_has_had_enough_in_between_has_no_packument_without_the_rest()
    {
        ServeVersions("1.0.0", "1.1.0");
        ServeVersion("1.0.0", "");
        Server.On("/packages/hello/1.1.0", static context =>
        {
            context.Response.StatusCode = 429;
            return Task.CompletedTask;
        });

        (await Should.ThrowAsync<RegistryException>(() => FetchAsync())).Failure.ShouldBe(RegistryFailure.RateLimited);
    }

    [Fact]
    public async Task Of_very_many_versions_the_highest_are_there()
    {
        string[] versions = [.. Enumerable.Range(0, 250).Select(number => string.Create(CultureInfo.InvariantCulture, $"1.{number}.0"))];
        ServeVersions(versions);
        foreach (var version in versions)
        {
            ServeVersion(version, "");
        }

        var found = Versions(await FetchAsync());

        found.ShouldBe(versions[50..]);
    }

    [Fact]
    public async Task What_is_too_deep_for_parsers_is_left_out()
    {
        ServeVersions("1.0.0");
        ServeVersion("1.0.0", $""" "description":"kept","author":{new string('[', 50)}{new string(']', 50)} """);

        Json(await FetchAsync()).ShouldSatisfyAllConditions(json => json.ShouldContain("kept"), json => json.ShouldNotContain("author"));
    }

    [Fact]
    public async Task Releases_are_versions_of_a_package_of_the_asked_name()
    {
        using var github = new GitHubRegistry(RegistryConfig.GitHub(Server.Url));
        Server.Json("/repos/acme/hello/releases?per_page=30&page=1", $$"""
            [{"tag_name":"v2.0.0-rc.1","prerelease":true,"tarball_url":"{url}/repos/acme/hello/tarball/v2.0.0-rc.1","assets":[]},
             {"tag_name":"nightly","tarball_url":"{url}/nightly"},{"tag_name":"v3.0.0","draft":true,"tarball_url":"{url}/draft"},{"tag_name":"v4.0.0"},
             {"tag_name":"v1.1.0","published_at":"2026-01-02T03:04:05Z","tarball_url":"{url}/source","assets":[{"name":"hello.tgz","url":"{url}/repos/acme/hello/releases/assets/7","digest":"{{Sha256}}"}]}]
            """).Json("/repos/acme/hello/contents/package.json?ref=v1.1.0", """{"name":"other","version":"0.0.0","bin":"cli.js","dependencies":{"left":"^1.0.0"}}""")
            .On("/repos/acme/hello/releases/assets/7", static context => context.Request.Headers.Accept == "application/octet-stream" ? context.Response.Body.WriteAsync("hello"u8.ToArray()).AsTask() : throw new InvalidOperationException())
            .Bytes("/repos/acme/hello/tarball/v2.0.0-rc.1", "source"u8.ToArray());

        var answer = await github.FetchPackumentAsync(new PackumentQuery { Name = "@acme/hello" });

        Json(answer).ShouldBe("""
            {"name":"@acme/hello","dist-tags":{"latest":"1.1.0"},"versions":{
            "1.1.0":{"name":"@acme/hello","version":"1.1.0","bin":"cli.js","dependencies":{"left":"^1.0.0"},"dist":{"tarball":"repos/acme/hello/releases/assets/7","integrity":"sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="}},
            "2.0.0-rc.1":{"name":"@acme/hello","version":"2.0.0-rc.1","dist":{"tarball":"repos/acme/hello/tarball/v2.0.0-rc.1"}}},
            "time":{"1.1.0":"2026-01-02T03:04:05Z"}}
            """.ReplaceLineEndings(""));
        await using var asset = (await github.OpenTarballAsync("repos/acme/hello/releases/assets/7")).ShouldNotBeNull();
        await using var source = (await github.OpenTarballAsync("repos/acme/hello/tarball/v2.0.0-rc.1")).ShouldNotBeNull();
        Server.Requests[^1].Headers["Accept"].ShouldBe("*/*");

        (await github.FetchPackumentAsync(new PackumentQuery { Name = "@acme/hello", Known = ((PackumentAnswer.Found)answer).Packument })).ShouldBe(new PackumentAnswer.NotModified());
        Server.Requests.Count(request => request.Target.Contains("package.json", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task A_repository_whose_tags_are_no_versions_is_no_package()
    {
        using var github = new GitHubRegistry(RegistryConfig.GitHub(Server.Url));
        Server.Json("/repos/acme/hello/releases?per_page=30&page=1", """[{"tag_name":"nightly","tarball_url":"{url}/nightly"}]""")
            .Json("/repos/acme/none/releases?per_page=30&page=1", "[]");

        (await github.FetchPackumentAsync(new PackumentQuery { Name = "acme/hello" })).ShouldBe(new PackumentAnswer.NotFound());
        (await github.FetchPackumentAsync(new PackumentQuery { Name = "acme/none" })).ShouldBe(new PackumentAnswer.NotFound());
        (await github.FetchPackumentAsync(new PackumentQuery { Name = "hello" })).ShouldBe(new PackumentAnswer.NotFound());
    }

    private static string Json(PackumentAnswer answer) => System.Text.Encoding.UTF8.GetString(answer.ShouldBeOfType<PackumentAnswer.Found>().Packument.Json.Span);

    private static string[] Versions(PackumentAnswer answer)
    {
        using var json = JsonDocument.Parse(answer.ShouldBeOfType<PackumentAnswer.Found>().Packument.Json);
        return [.. json.RootElement.GetProperty("versions").EnumerateObject().Select(version => version.Name)];
    }

    private void ServeVersions(params string[] versions) =>
        Server.Json("/packages/hello", $$"""{"name":"hello","version":"{{versions[0]}}"}""").Json("/packages/hello/versions", JsonSerializer.Serialize(new { versions }));

    private void ServeVersion(string version, string members) =>
        Server.Json($"/packages/hello/{version}", $$"""{"name":"hello","version":"{{version}}"{{(members.Length > 0 ? "," : "")}}{{members}}}""");

    private async Task<PackumentAnswer> FetchAsync(Packument? known = null, string name = "hello")
    {
        using var registry = new CustomRegistry(RegistryConfig.Custom("custom", Server.Url));
        return await registry.FetchPackumentAsync(new PackumentQuery { Name = name, Known = known });
    }
}
