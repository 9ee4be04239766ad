using Registry.Upstreams.Tests.Loopback;

using Samples;

namespace Registry.Upstreams.Tests;

/// <summary>The programs of <c>samples/</c> run and say what they should (M45–M48).</summary>
public sealed class SampleProgramTests
{
    [Fact]
    public void Several_registries_are_listed_by_priority()
    {
        using var output = new StringWriter();

        SeveralRegistries.Run(new Uri("https://npm.example.test"), new Uri("https://api.example.test"), new Uri("https://company.example.test"), output);

        output.ToString().ReplaceLineEndings("\n").ShouldBe("""
            company (Custom at https://company.example.test/, priority 15, auth bearer)
            npm (Npm at https://npm.example.test/, priority 20, auth none)
            github (GitHub at https://api.example.test/, priority 30, auth none)
            npm: https://npm.example.test/

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_search_goes_across_all_and_tells_who_is_away()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.Json("/search?q=pack", """{"results":[{"name":"package1","version":"1.0.0","description":"Package 1"},{"name":"package2","version":"2.0.0","description":"Package 2"}]}""");
        var file = Path.Combine(Directory.CreateTempSubdirectory("registry-sample-").FullName, "pantry.json");
        await File.WriteAllTextAsync(file, $$"""
            { "registries": [ { "name": "here", "type": "custom", "url": "{{server.Url}}" }, { "name": "away", "type": "npm", "url": "http://away.invalid" } ] }
            """);
        using var output = new StringWriter();

        await SearchAcross.RunAsync(file, "pack", output);

        output.ToString().ShouldContain("package1@1.0.0 (here)");
        output.ToString().ShouldContain("package2@2.0.0 (here)");
        output.ToString().ShouldContain("! The registry 'away' ");
    }

    [Fact]
    public async Task A_private_registry_is_asked_with_its_user_and_password()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.Json("/packages/hello", """{"name":"hello","version":"1.0.0"}""");
        using var registry = PrivateRegistry.SetUp(server.Url, "admin", "secret");

        (await registry.FetchMetadataAsync("hello")).ShouldNotBeNull();

        server.Requests.ShouldHaveSingleItem().Headers["Authorization"].ShouldBe("Basic YWRtaW46c2VjcmV0");
    }

    [Fact]
    public async Task A_package_is_fetched_from_the_first_that_has_it()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.Json("/packages/hello", """{"name":"hello","version":"1.0.0","description":"Example package"}""")
            .Json("/packages/hello/1.0.0", """{"name":"hello","version":"1.0.0"}""").Bytes("/packages/hello/1.0.0/tarball", "bytes"u8.ToArray());
        using var manager = new RegistryManager();
        manager.AddRegistry(RegistryConfig.Custom("here", server.Url));
        using var output = new StringWriter();
        var file = Path.GetTempFileName();

        (await FetchWithFallback.RunAsync(manager, "hello", file, output)).ShouldBeTrue();
        (await FetchWithFallback.RunAsync(manager, "other", file, output)).ShouldBeFalse();

        output.ToString().ShouldContain("hello@1.0.0 from here: Example package");
        output.ToString().ShouldContain("other is in no registry.");
        (await File.ReadAllTextAsync(file)).ShouldBe("bytes");
        File.Delete(file);
    }
}
