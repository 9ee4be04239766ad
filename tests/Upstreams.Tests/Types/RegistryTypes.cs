using System.Security.Cryptography;

using Registry.Upstreams.Tests.Loopback;

namespace Registry.Upstreams.Tests.Types;

public sealed class NpmRegistryTests : RegistryContract
{
    protected override string Name => "@acme/hello";

    protected override string Absent => "@acme/other";

    protected override RegistryType Type => RegistryType.Npm;

    [Fact]
    public async Task Everything_a_manifest_says_is_read()
    {
        using var registry = Open();

        var found = (await registry.FetchMetadataAsync(Name, "1.0.0")).ShouldNotBeNull();

        found.Description.ShouldBe("says hello");
        found.Repository.ShouldBe("git+https://git.example.test/hello.git");
        found.Homepage.ShouldBe("https://hello.example.test/");
        found.License.ShouldBe("MIT");
        found.Checksum.ShouldBe(Integrity("1.0.0"));
        found.Dependencies.ShouldBe(new Dictionary<string, string> { ["left"] = "^1.0.0" });
        found.DevDependencies.ShouldBe(new Dictionary<string, string> { ["right"] = "~2.0.0" });
    }

    [Fact]
    public async Task A_registry_without_the_route_for_one_version_is_read_from_its_packument()
    {
        using var registry = Open();
        foreach (var version in (string[])["latest", "1.0.0", "9.9.9"])
        {
            Server.On($"/@acme%2Fhello/{version}", static context =>
            {
                context.Response.StatusCode = 405;
                return Task.CompletedTask;
            });
        }

        (await registry.FetchMetadataAsync(Name)).ShouldNotBeNull().Version.ShouldBe("1.1.0");
        (await registry.FetchMetadataAsync(Name, "1.0.0")).ShouldNotBeNull().Version.ShouldBe("1.0.0");
        (await registry.FetchMetadataAsync(Name, "9.9.9")).ShouldBeNull();
    }

    [Fact]
    public async Task Another_package_than_asked_for_is_a_bad_answer()
    {
        using var registry = Open();
        Server.Json("/hello/latest", """{"name":"other","version":"1.0.0"}""");

        (await Should.ThrowAsync<RegistryException>(() => registry.FetchMetadataAsync("hello"))).Failure.ShouldBe(RegistryFailure.BadAnswer);
    }

    protected override void Serve(LoopbackServer server) =>
        server
            .Json("/@acme%2Fhello/latest", Manifest("1.1.0"))
            .Json("/@acme%2Fhello/1.0.0", Manifest("1.0.0"))
            .Json("/@acme%2Fhello/1.1.0", Manifest("1.1.0"))
            .Json("/@acme%2Fhello", $$$"""{"name":"@acme/hello","dist-tags":{"latest":"1.1.0"},"versions":{"1.0.0":{{{Manifest("1.0.0")}}},"1.1.0":{{{Manifest("1.1.0")}}}}}""")
            .Json("/-/v1/search?text=hello%20%26%20more&size=20", """{"objects":[{"package":{"name":"@acme/hello","version":"1.1.0"}},{"package":{"name":"no version"}},{}],"total":1}""")
            .Bytes("/@acme/hello/-/hello-1.0.0.tgz", Tarball("1.0.0"));

    private static string Integrity(string version) => $"sha512-{Convert.ToBase64String(SHA512.HashData(Tarball(version)))}";

    private static string Manifest(string version) =>
        $$$"""
        {"name":"@acme/hello","version":"{{{version}}}","description":"says hello","license":"MIT","homepage":"https://hello.example.test/",
         "repository":{"type":"git","url":"git+https://git.example.test/hello.git"},"dependencies":{"left":"^1.0.0"},"devDependencies":{"right":"~2.0.0"},
         "dist":{"tarball":"{url}/@acme/hello/-/hello-{{{version}}}.tgz","integrity":"{{{Integrity(version)}}}","shasum":"0000000000000000000000000000000000000000"}}
        """;
}

public sealed class CustomRegistryTests : RegistryContract
{
    protected override string Name => "hello";

    protected override string Absent => "other";

    protected override RegistryType Type => RegistryType.Custom;

    /// <summary>The example of the convention declares the route of a version before the one of the list, which nothing reaches then.</summary>
    [Fact]
    public async Task A_server_that_takes_the_list_for_a_version_has_the_latest_one()
    {
        using var registry = Open();
        Server.Json("/packages/hello/versions", """{"name":"hello","version":"versions","description":"Example package"}""");

        (await registry.ListVersionsAsync(Name)).ShouldBe(["1.1.0"]);
    }

    [Fact]
    public async Task Without_a_URL_the_tarball_is_where_the_convention_says()
    {
        using var registry = Open();
        Server.Json("/packages/bare/1.0.0", """{"name":"bare","version":"1.0.0"}""").Bytes("/packages/bare/1.0.0/tarball", Tarball("bare"));
        var file = System.IO.Path.GetTempFileName();

        (await registry.DownloadTarballAsync("bare", "1.0.0", file)).ShouldBeTrue();

        (await File.ReadAllBytesAsync(file)).ShouldBe(Tarball("bare"));
        File.Delete(file);
    }

    [Fact]
    public async Task A_checksum_in_no_known_form_is_a_bad_answer()
    {
        using var registry = Open();
        Server.Json("/packages/odd/1.0.0", """{"name":"odd","version":"1.0.0","checksum":"sha256:abc123..."}""");

        (await Should.ThrowAsync<RegistryException>(() => registry.DownloadTarballAsync("odd", "1.0.0", "never"))).Failure.ShouldBe(RegistryFailure.BadAnswer);
    }

    protected override void Serve(LoopbackServer server) => ServeConvention(server);

    internal static void ServeConvention(LoopbackServer server) =>
        server
            .Json("/packages/hello", Package("1.1.0"))
            .Json("/packages/hello/1.0.0", Package("1.0.0"))
            .Json("/packages/hello/1.1.0", Package("1.1.0"))
            .Json("/packages/hello/versions", """{"versions":["1.0.0",7,"1.1.0"]}""")
            .Json("/search?q=hello%20%26%20more", """{"results":[{"name":"hello","version":"1.1.0","description":"says hello"},{"name":"no version"}]}""")
            .Bytes("/packages/hello/1.0.0/tarball", Tarball("1.0.0"));

    private static string Package(string version) =>
        $$$"""{"name":"hello","version":"{{{version}}}","description":"says hello","tarballUrl":"{url}/packages/hello/{{{version}}}/tarball","checksum":"{{{Sha256(version)}}}"}""";
}

/// <summary>pantry's own registry speaks the convention.</summary>
public sealed class PantryRegistryTests : RegistryContract
{
    protected override string Name => "hello";

    protected override string Absent => "other";

    protected override RegistryType Type => RegistryType.Pantry;

    protected override void Serve(LoopbackServer server) => CustomRegistryTests.ServeConvention(server);
}

public sealed class GitHubRegistryTests : RegistryContract
{
    protected override string Name => "acme/hello";

    protected override string Absent => "acme/other";

    protected override RegistryType Type => RegistryType.GitHub;

    [Fact]
    public async Task A_repository_describes_itself_by_its_manifest_at_the_tag()
    {
        using var registry = Open();

        var found = (await registry.FetchMetadataAsync("@acme/hello", "1.0.0")).ShouldNotBeNull();

        found.Name.ShouldBe("@acme/hello");
        found.Description.ShouldBe("says hello");
        found.License.ShouldBe("MIT");
        found.Dependencies.ShouldBe(new Dictionary<string, string> { ["left"] = "^1.0.0" });
        found.Checksum.ShouldBe(Sha256("1.0.0"));
    }

    [Fact]
    public async Task Without_an_asset_the_source_is_the_tarball()
    {
        using var registry = Open();

        (await registry.FetchMetadataAsync(Name, "0.9.0-beta")).ShouldNotBeNull().TarballUrl!.AbsolutePath.ShouldBe("/repos/acme/hello/tarball/0.9.0-beta");
    }

    [Fact]
    public async Task A_name_that_is_no_repository_is_absent_without_a_question()
    {
        using var registry = Open();

        (await registry.FetchMetadataAsync("hello")).ShouldBeNull();
        (await registry.ListVersionsAsync("a/b/c")).ShouldBeNull();
        Server.Requests.ShouldBeEmpty();
    }

    protected override void Serve(LoopbackServer server) =>
        server
            .Json("/repos/acme/hello", """{"full_name":"acme/hello","description":"a repository","html_url":"https://git.example.test/acme/hello","license":{"spdx_id":"MIT"}}""")
            .Json("/repos/acme/hello/releases/latest", Release("v1.1.0"))
            .Json("/repos/acme/hello/releases/tags/v1.0.0", Release("v1.0.0"))
            .Json("/repos/acme/hello/releases/tags/v1.1.0", Release("v1.1.0"))
            .Json("/repos/acme/hello/releases/tags/0.9.0-beta", """{"tag_name":"0.9.0-beta","assets":[],"tarball_url":"{url}/repos/acme/hello/tarball/0.9.0-beta"}""")
            .Json("/repos/acme/hello/releases?per_page=100&page=1", $$"""[{{Release("v1.1.0")}},{"tag_name":"v2.0.0","draft":true},{{Release("v1.0.0")}}]""")
            .Json("/repos/acme/hello/releases?per_page=30&page=1", $"[{Release("v1.1.0")},{Release("v1.0.0")}]")
            .Json("/repos/acme/hello/contents/package.json?ref=v1.0.0", """{"name":"hello","description":"says hello","dependencies":{"left":"^1.0.0"}}""")
            .Json("/search/repositories?q=hello%20%26%20more&per_page=20", """{"items":[{"full_name":"acme/hello"},{"full_name":"acme/without-a-release"}]}""")
            .Bytes("/repos/acme/hello/releases/assets/1.0.0", Tarball("1.0.0"));

    private static string Release(string tag) =>
        $$$"""
        {"tag_name":"{{{tag}}}","draft":false,"tarball_url":"{url}/repos/acme/hello/tarball/{{{tag}}}","assets":[
          {"name":"notes.txt","url":"{url}/notes"},
          {"name":"hello-{{{tag[1..]}}}.tgz","url":"{url}/repos/acme/hello/releases/assets/{{{tag[1..]}}}","digest":"{{{Sha256(tag[1..])}}}"}]}
        """;
}

public sealed class PkgxRegistryTests : RegistryContract
{
    protected override string Name => "example.test/hello";

    protected override string Absent => "example.test/other";

    protected override RegistryType Type => RegistryType.Pkgx;

    protected override bool HasChecksums => false;

    protected override bool HasSearch => false;

    protected override bool HasPackuments => false;

    protected override void Serve(LoopbackServer server)
    {
        foreach (var platform in (string[])["linux/x86-64", "linux/aarch64", "darwin/x86-64", "darwin/aarch64"])
        {
            server
                .On($"/example.test/hello/{platform}/versions.txt", static context => context.Response.Body.WriteAsync("1.0.0\n1.1.0\n"u8.ToArray()).AsTask())
                .Bytes($"/example.test/hello/{platform}/v1.0.0.tar.xz", Tarball("1.0.0"));
        }
    }
}
