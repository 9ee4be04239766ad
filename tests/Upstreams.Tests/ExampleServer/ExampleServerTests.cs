using System.Diagnostics;
using System.Globalization;

using Registry.Upstreams.Types;

namespace Registry.Upstreams.Tests.ExampleServer;

/// <summary>The minimal server of the convention's documentation, run by node with express from npm (M48).</summary>
public sealed class ExampleServerTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("registry-example-");
    private Process? _server;
    private CustomRegistry? _registry;

    private CustomRegistry Registry => _registry!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "package.tgz"), "bytes of a package");
        var start = new ProcessStartInfo("node", [Path.Combine(SourceFolder(), "server.js"), "package.tgz"])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            Environment = { ["NODE_PATH"] = await ExpressAsync() },
        };
        _server = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var port = int.Parse((await _server.StandardOutput.ReadLineAsync(limit.Token))!, CultureInfo.InvariantCulture);
        _registry = new CustomRegistry(RegistryConfig.Custom("example", new Uri($"http://127.0.0.1:{port}")));
    }

    public ValueTask DisposeAsync()
    {
        _registry?.Dispose();
        _server?.Kill();
        _server?.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Everything_it_serves_is_understood()
    {
        var latest = (await Registry.FetchMetadataAsync("hello")).ShouldNotBeNull();
        var named = (await Registry.FetchMetadataAsync("@acme/hello", "1.0.1")).ShouldNotBeNull();
        var found = await Registry.SearchAsync("anything");

        (latest.Version, latest.Description).ShouldBe(("1.0.0", "Example package"));
        (named.Name, named.Version).ShouldBe(("@acme/hello", "1.0.1"));
        found.Select(package => $"{package.Name}@{package.Version}").ShouldBe(["package1@1.0.0", "package2@2.0.0"]);

        // Its route for one version answers for 'versions' too: the latest is all that is known then.
        (await Registry.ListVersionsAsync("hello")).ShouldBe(["1.0.0"]);
    }

    [Fact]
    public async Task Its_tarball_is_written_and_verified()
    {
        var file = Path.Combine(_folder.FullName, "downloaded.tgz");

        (await Registry.DownloadTarballAsync("hello", "1.1.0", file)).ShouldBeTrue();

        (await File.ReadAllTextAsync(file)).ShouldBe("bytes of a package");
    }

    /// <summary>Installs express once, from the npm registry this machine is configured with.</summary>
    /// <returns>The folder of modules it is in.</returns>
    private static async Task<string> ExpressAsync()
    {
        var cache = Environment.GetEnvironmentVariable("REGISTRY_CLIENT_CACHE")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "registry-test-clients");
        var folder = Directory.CreateDirectory(Path.Combine(cache, "express-4")).FullName;
        var modules = Path.Combine(folder, "node_modules");
        if (!Directory.Exists(Path.Combine(modules, "express")))
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "express@4"]) { RedirectStandardOutput = true })!;
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            await npm.StandardOutput.ReadToEndAsync(limit.Token);
            await npm.WaitForExitAsync(limit.Token);
            npm.ExitCode.ShouldBe(0);
        }

        return modules;
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
