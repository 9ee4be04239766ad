using System.Diagnostics;

using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>
/// Installs server packages as root on Debian and Ubuntu without starting or enabling the system's own services: no main
/// PostgreSQL cluster is made, no service starts, and the port mapper a post-installation script leaves behind is ended.
/// </summary>
internal static class AptPrograms
{
    private const string ClusterFolder = "/etc/postgresql-common/createcluster.d";
    private const string Policy = "/usr/sbin/policy-rc.d";
    private const string PolicyContent = "#!/bin/sh\n# Put here by ./registry while it installs servers for its own use; safe to delete.\nexit 101\n";
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(10);

    private static readonly UnixFileMode Executable = (UnixFileMode)Convert.ToInt32("755", 8);
    private static readonly UnixFileMode Readable = (UnixFileMode)Convert.ToInt32("644", 8);

    /// <summary>True when this is root on a system with apt.</summary>
    public static bool IsPossible => Environment.IsPrivilegedProcess && OperatingSystem.IsLinux() && ProgramSearch.OnPath("apt-get") is not null;

    /// <summary>Installs packages.</summary>
    /// <returns>Null when all are installed, else the reason why not.</returns>
    public static async Task<string?> InstallAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        var before = PortMappers();
        var cluster = Path.Combine(ClusterFolder, "registry.conf");
        var madePolicy = PutIfAbsent(Policy, PolicyContent, Executable);
        CreateFolder(Path.GetDirectoryName(ClusterFolder)!);
        CreateFolder(ClusterFolder);
        PutIfAbsent(cluster, "create_main_cluster = false\n", Readable);
        try
        {
            var result = await RunAsync(["install", "-y", "-q", "--no-install-recommends", .. packages]);
            if (result.ExitCode != 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await RunAsync(["update", "-q"]);
                result = await RunAsync(["install", "-y", "-q", "--no-install-recommends", .. packages]);
            }

            cancellationToken.ThrowIfCancellationRequested();
            return result.ExitCode == 0 ? null : $"apt-get could not install {string.Join(" and ", packages)}: {result.LastLine}";
        }
        finally
        {
            File.Delete(cluster);
            if (madePolicy)
            {
                File.Delete(Policy);
            }

            await LeaveQuietAsync(packages, before);
        }
    }

    /// <summary>The services must not start at the next boot either, and no port mapper of theirs may stay.</summary>
    private static async Task LeaveQuietAsync(IReadOnlyList<string> packages, HashSet<int> before)
    {
        if (packages.Contains("rabbitmq-server") && ProgramSearch.OnPath("systemctl") is not null)
        {
            await ProgramRun.RunAsync(
                "systemctl", ["disable", "--quiet", "rabbitmq-server.service", "epmd.service", "epmd.socket"], TimeSpan.FromSeconds(20), CancellationToken.None);
        }

        foreach (var pid in PortMappers().Except(before))
        {
            ProcessIdentity.Of(pid, "epmd -daemon")?.Send(Signal.Terminate);
        }
    }

    /// <summary>Port mappers that run as daemons, with nobody left who started them.</summary>
    private static HashSet<int> PortMappers() =>
        [.. ProcessTable.All().Where(static pid => ProcessTable.Read(pid) is { } entry && entry.CommandLine.EndsWith("epmd -daemon", StringComparison.Ordinal))];

    /// <summary>A folder that the packages' own programs can read, whatever our file mask is.</summary>
    private static void CreateFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            PrivateFiles.SetMode(path, Executable);
        }
    }

    private static bool PutIfAbsent(string path, string content, UnixFileMode mode)
    {
        // One of ours may be left from an installation that was cut off.
        if (File.Exists(path) && File.ReadAllText(path) != content)
        {
            return false;
        }

        PrivateFiles.Write(path, content, mode);
        return true;
    }

    /// <summary>Not ended with us: a package manager that is killed half-way leaves the system to be repaired by hand.</summary>
    private static Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "umask 022; exec apt-get -o DPkg::Lock::Timeout=120 \"$@\"", "sh", .. arguments]);
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        start.Environment["LC_ALL"] = "C.UTF-8";
        return ProgramRun.RunAsync(start, InstallLimit, CancellationToken.None);
    }
}
