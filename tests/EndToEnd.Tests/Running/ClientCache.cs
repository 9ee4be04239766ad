namespace Registry.EndToEnd.Tests.Running;

/// <summary>Package managers of given versions, installed once from the npm registry this machine is configured with.</summary>
public static class ClientCache
{
    private static readonly string Root = Environment.GetEnvironmentVariable("REGISTRY_CLIENT_CACHE")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "registry-test-clients");

    /// <summary>Path of the program <paramref name="package"/> of a version such as <c>8</c>; installs it when it is missing.</summary>
    public static async Task<string> ProgramAsync(string package, string version) =>
        Path.Combine(await ModulesAsync(package, version), ".bin", package);

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
}
