namespace Registry.EndToEnd.Tests.Running;

/// <summary>Package managers of given versions, installed once from the npm registry this machine is configured with.</summary>
public static class ClientCache
{
    private static readonly string Root = Environment.GetEnvironmentVariable("REGISTRY_CLIENT_CACHE")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "registry-test-clients");

    /// <summary>Path of the program <paramref name="package"/> of a version such as <c>8</c>; installs it when it is missing.</summary>
    public static async Task<string> ProgramAsync(string package, string version)
    {
        var folder = Path.Combine(Root, $"{package}-{version}");
        var program = Path.Combine(folder, "node_modules", ".bin", package);
        if (!File.Exists(program))
        {
            Directory.CreateDirectory(folder);
            (await Command.RunAsync("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", $"{package}@{version}"], Path.GetTempPath())).ShouldSucceed();
        }

        return program;
    }
}
