using System.Text.Json.Nodes;

using Registry.EndToEnd.Tests.Clients;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>A client that installs a project with empty caches.</summary>
public static class InstallingClient
{
    /// <summary>Installs a project in a new home, and tells what is there then.</summary>
    /// <param name="manager">The package manager.</param>
    /// <param name="registry">The registry's URL, with a trailing slash.</param>
    /// <param name="dependencies">What the project needs.</param>
    public static async Task<IReadOnlyDictionary<string, string>> InstallAsync(string manager, string registry, JsonObject dependencies)
    {
        using var client = new NpmClient(registry, await ProgramAsync(manager));
        client.Environment["BUN_INSTALL_CACHE_DIR"] = Path.Combine(client.Environment["HOME"], "bun-cache");
        client.Environment["XDG_CACHE_HOME"] = Path.Combine(client.Environment["HOME"], "xdg-cache");
        client.Environment["XDG_DATA_HOME"] = Path.Combine(client.Environment["HOME"], "xdg-data");
        client.Environment["npm_config_ignore_scripts"] = "true";
        var project = client.NewProject();
        await File.WriteAllTextAsync(
            Path.Combine(project, "package.json"),
            new JsonObject { ["name"] = "project", ["version"] = "1.0.0", ["private"] = true, ["dependencies"] = dependencies.DeepClone() }.ToJsonString());
        (await client.RunAsync(project, ["install", .. ArgumentsOf(manager)])).ShouldSucceed();
        return InstalledTree.Of(project);
    }

    private static Task<string> ProgramAsync(string manager) =>
        manager switch
        {
            "npm" => Task.FromResult("npm"),
            "pnpm" => PinnedClient.Of("pnpm-9").ProgramAsync(),
            "yarn" => PinnedClient.Of("yarn-1").ProgramAsync(),
            "bun" => PinnedClient.Of("bun-1").ProgramAsync(),
            _ => throw new ArgumentException($"{manager} is not known.", nameof(manager)),
        };

    private static string[] ArgumentsOf(string manager) =>
        manager switch
        {
            "npm" => ["--ignore-scripts"],
            "pnpm" => ["--ignore-scripts", "--no-frozen-lockfile"],
            "yarn" => ["--ignore-scripts", "--non-interactive", "--no-progress"],
            _ => ["--ignore-scripts", "--no-progress"],
        };
}
