using System.Text;

using Registry.Upstreams.Tests.Loopback;
using Registry.Upstreams.Types;

namespace Registry.Upstreams.Tests;

/// <summary>Answers that somebody wrote to break whoever reads them: each is a <see cref="RegistryException"/>, an absence, or understood.</summary>
public sealed class HostileAnswerTests : IAsyncLifetime
{
    private LoopbackServer? _server;

    private LoopbackServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await LoopbackServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Theory]
    [InlineData("""{"name":"hello","version":"1.0.0","description":"\ud800"}""")]
    [InlineData("""{"name":"hello","version":"1.0.0","dependencies":{"\uDC00":"1"}}""")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("""{"name":["hello"],"version":{}}""")]
    [InlineData("""{"name":"hello"}""")]
    [InlineData("""{"name":"hello","version":"1.0.0","dist":{"tarball":"https://["}}""")]
    public async Task What_cannot_be_a_manifest_is_a_bad_answer(string json)
    {
        using var registry = new NpmRegistry(RegistryConfig.Npm(Server.Url));
        Server.Json("/hello/latest", json);

        (await Should.ThrowAsync<RegistryException>(() => registry.FetchMetadataAsync("hello"))).Failure.ShouldBe(RegistryFailure.BadAnswer);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_a_bad_answer()
    {
        using var registry = new NpmRegistry(RegistryConfig.Npm(Server.Url));
        Server.Bytes("/hello/latest", [.. "{\"name\":\"hello\",\"version\":\"1.0.0\",\"description\":\""u8, 0xFF, 0xFE, .. "\"}"u8]);

        (await Should.ThrowAsync<RegistryException>(() => registry.FetchMetadataAsync("hello"))).Failure.ShouldBe(RegistryFailure.BadAnswer);
    }

    [Fact]
    public async Task Members_of_other_kinds_than_they_should_be_are_left_out()
    {
        using var registry = new NpmRegistry(RegistryConfig.Npm(Server.Url));
        Server.Json("/hello/latest", """{"name":"hello","version":"1.0.0","description":7,"repository":[],"license":{"type":"MIT"},"dependencies":{"a":1,"b":"2","b":"3"},"devDependencies":[],"dist":"x"}""");

        var found = (await registry.FetchMetadataAsync("hello")).ShouldNotBeNull();

        (found.Description, found.Repository, found.License, found.TarballUrl).ShouldBe((null, null, "MIT", null));
        found.Dependencies.ShouldBe(new Dictionary<string, string> { ["b"] = "3" });
        found.DevDependencies.ShouldBeNull();
    }

    [Fact]
    public async Task A_byte_order_mark_and_a_redirect_within_the_registry_are_let_pass()
    {
        using var registry = new NpmRegistry(RegistryConfig.Npm(Server.Url));
        Server.Bytes("/moved", [0xEF, 0xBB, 0xBF, .. """{"name":"hello","version":"1.0.0","description":"\ud83d\ude00"}"""u8]).On("/hello/latest", static context =>
        {
            context.Response.Redirect("/moved");
            return Task.CompletedTask;
        });

        (await registry.FetchMetadataAsync("hello")).ShouldNotBeNull().Description.ShouldBe("\U0001F600");
    }

    [Fact]
    public async Task A_package_that_was_unpublished_is_absent()
    {
        using var registry = new NpmRegistry(RegistryConfig.Npm(Server.Url));
        Server.Json("/gone", """{"name":"gone","time":{"unpublished":{"time":"2020-01-01T00:00:00Z"}}}""");

        (await registry.ListVersionsAsync("gone")).ShouldBeNull();
        (await registry.FetchMetadataAsync("gone")).ShouldBeNull();
    }

    [Fact]
    public async Task Another_version_than_asked_for_is_a_bad_answer()
    {
        using var registry = new NpmRegistry(RegistryConfig.Npm(Server.Url));
        Server.Json("/hello/1.0.0", """{"name":"hello","version":"2.0.0"}""");

        (await Should.ThrowAsync<RegistryException>(() => registry.FetchMetadataAsync("hello", "1.0.0"))).Failure.ShouldBe(RegistryFailure.BadAnswer);
    }

    [Fact]
    public async Task One_hit_that_is_wrong_does_not_spoil_a_search()
    {
        using var custom = new CustomRegistry(RegistryConfig.Custom("custom", Server.Url));
        using var github = new GitHubRegistry(RegistryConfig.GitHub(Server.Url));
        Server.Json("/search?q=x", """{"results":[{"name":"bad","version":"1.0.0","tarballUrl":"http://["},{"name":"good","version":"1.0.0"}]}""")
            .Json("/search/repositories?q=x&per_page=20", """{"items":[{"full_name":"acme/.."},{"full_name":7},{"full_name":"acme/limited"},{"full_name":"acme/good","description":"it"}]}""")
            .Json("/repos/acme/good/releases/latest", """{"tag_name":"v1.0.0"}""")
            .On("/repos/acme/limited/releases/latest", static context =>
            {
                context.Response.StatusCode = 403;
                return Task.CompletedTask;
            });

        (await custom.SearchAsync("x")).ShouldHaveSingleItem().Name.ShouldBe("good");
        (await github.SearchAsync("x")).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            hit => hit.Name.ShouldBe("acme/good"), hit => hit.Version.ShouldBe("1.0.0"), hit => hit.Description.ShouldBe("it"));
    }

    [Fact]
    public async Task GitHub_says_with_403_that_it_has_had_enough()
    {
        using var github = new GitHubRegistry(RegistryConfig.GitHub(Server.Url));
        Server.Fault = static context =>
        {
            context.Response.StatusCode = 403;
            context.Response.Headers["x-ratelimit-remaining"] = "0";
            return Task.CompletedTask;
        };

        (await Should.ThrowAsync<RegistryException>(() => github.FetchMetadataAsync("acme/hello"))).Failure.ShouldBe(RegistryFailure.RateLimited);
    }

    [Fact]
    public async Task A_tag_with_a_slash_is_a_version_that_can_be_asked_for()
    {
        using var github = new GitHubRegistry(RegistryConfig.GitHub(Server.Url));
        Server.Json("/repos/acme/mono/releases/tags/@acme%2Fhello@1.0.0", """{"tag_name":"@acme/hello@1.0.0","tarball_url":"{url}/source"}""").Bytes("/source", Encoding.UTF8.GetBytes("source"));
        var file = Path.GetTempFileName();

        (await github.DownloadTarballAsync("acme/mono", "@acme/hello@1.0.0", file)).ShouldBeTrue();

        (await File.ReadAllTextAsync(file)).ShouldBe("source");
        await Should.ThrowAsync<ArgumentException>(() => github.DownloadTarballAsync("acme/mono", "a/../b", file));
        File.Delete(file);
    }

    [Fact]
    public async Task A_tarball_that_is_too_large_leaves_nothing()
    {
        using var registry = new CustomRegistry(RegistryConfig.Custom("custom", Server.Url) with { MaxTarballBytes = 1000 });
        Server.Json("/packages/hello/1.0.0", """{"name":"hello","version":"1.0.0"}""").Bytes("/packages/hello/1.0.0/tarball", new byte[1001]);
        var file = Path.Combine(Directory.CreateTempSubdirectory("registry-large-").FullName, "it.tgz");

        (await Should.ThrowAsync<RegistryException>(() => registry.DownloadTarballAsync("hello", "1.0.0", file))).Failure.ShouldBe(RegistryFailure.BadTarball);

        Directory.GetFiles(Path.GetDirectoryName(file)!).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_signs_a_URL_is_in_no_failure()
    {
        using var registry = new CustomRegistry(RegistryConfig.Custom("custom", Server.Url));
        Server.Json("/packages/hello/1.0.0", """{"name":"hello","version":"1.0.0","tarballUrl":"{url}/signed?signature=hush","checksum":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}""")
            .Bytes("/signed?signature=hush", "bytes"u8.ToArray());

        (await Should.ThrowAsync<RegistryException>(() => registry.DownloadTarballAsync("hello", "1.0.0", Path.GetTempFileName()))).ToString().ShouldNotContain("hush");
    }
}
