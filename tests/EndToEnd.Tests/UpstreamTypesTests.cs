using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Running;
using Registry.Testing.Upstreams;

namespace Registry.EndToEnd.Tests;

/// <summary>npm installs what comes from upstreams that do not speak its protocol (M15–M22, M48).</summary>
[Trait("Profile", "one")] // where bytes and processes are makes no difference to what an upstream speaks
public sealed class UpstreamTypesTests(RegistryFixture fixture)
{
    [Theory]
    [InlineData("custom")]
    [InlineData("pantry")]
    [InlineData("github")]
    public async Task Npm_installs_a_package_and_what_it_needs(string type)
    {
        await using var server = await RestUpstream.StartAsync();
        var (library, program) = ($"@made-{type}/library", $"@made-{type}/program");
        Add(server, library, "1.2.0", []);
        Add(server, library, "1.3.0", []);
        Add(server, program, "2.0.0", new JsonObject { [library] = "~1.2.0" });
        var url = type == "github" ? new Uri(server.Url, "/github") : server.Url;
        await using var upstreams = await UpstreamsOf.SetAsync(fixture.Registry, UpstreamsOf.Entry(url, type));
        using var npm = new NpmClient($"{fixture.Registry.Npm}/");
        var project = npm.NewProject();

        (await npm.RunAsync(project, "install", program)).ShouldSucceed();

        JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(project, "node_modules", library, "package.json")))!["version"]!.GetValue<string>().ShouldBe("1.2.0");
        File.ReadAllText(Path.Combine(project, "node_modules", program, "index.js")).ShouldBe($"// {program} 2.0.0\n");
        (await npm.RunAsync(project, "view", library, "dist-tags.latest")).ShouldSucceed().Output.Trim().ShouldBe("1.3.0");
    }

    [Fact]
    public async Task A_private_registry_that_wants_a_password_goes_before_the_public_one()
    {
        await using var company = await RestUpstream.StartAsync();
        await using var everyone = await NpmUpstream.StartAsync();
        var name = $"@private/tool-{Guid.CreateVersion7():n}";
        company.Authorization = $"Basic {Convert.ToBase64String("admin:s3:cret"u8)}";
        Add(company, name, "1.0.0", []);
        everyone.Add(name, "9.9.9");
        var entry = UpstreamsOf.Entry(company.Url, "custom");
        (entry["priority"], entry["auth"]) = (1, new JsonObject { ["type"] = "basic", ["username"] = "admin", ["password"] = "s3:cret" });
        await using var upstreams = await UpstreamsOf.SetAsync(fixture.Registry, entry, UpstreamsOf.Entry(everyone.Url));
        using var npm = new NpmClient($"{fixture.Registry.Npm}/");
        var project = npm.NewProject();

        (await npm.RunAsync(project, "install", name)).ShouldSucceed();

        File.ReadAllText(Path.Combine(project, "node_modules", name, "index.js")).ShouldBe($"// {name} 1.0.0\n");
        everyone.Requests.Where(request => request.Contains(name[^8..], StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_smallest_server_of_the_convention_is_an_upstream()
    {
        using var npm = new NpmClient($"{fixture.Registry.Npm}/");
        var folder = npm.NewProject();
        var name = $"hello-{Guid.CreateVersion7():n}";
        await File.WriteAllBytesAsync(Path.Combine(folder, "package.tgz"), TarballOf.Package(name, "1.0.0"));
        using var server = Process.Start(new ProcessStartInfo("node", [ExampleServer(), "package.tgz"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            Environment = { ["NODE_PATH"] = await ClientCache.ModulesAsync("express", "4") },
        })!;
        try
        {
            var port = int.Parse((await server.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            await using var upstreams = await UpstreamsOf.SetAsync(fixture.Registry, UpstreamsOf.Entry(new Uri($"http://127.0.0.1:{port}"), "custom"));
            var project = npm.NewProject();

            (await npm.RunAsync(project, "install", name)).ShouldSucceed();

            File.Exists(Path.Combine(project, "node_modules", name, "index.js")).ShouldBeTrue();
        }
        finally
        {
            server.Kill();
        }
    }

    private static void Add(RestUpstream server, string name, string version, JsonObject dependencies)
    {
        var manifest = new JsonObject { ["name"] = name, ["version"] = version, ["dependencies"] = dependencies };
        server.Add(name, version, TarballOf.Package(manifest, ("package/index.js", System.Text.Encoding.UTF8.GetBytes($"// {name} {version}\n"))), manifest);
    }

    private static string ExampleServer() => Path.Combine(RegistryProcess.Root, "tests", "Upstreams.Tests", "ExampleServer", "server.js");
}
