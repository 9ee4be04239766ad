using Registry.Standalone.Folder;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>Finds PostgreSQL's programs, and sees to it that data is only opened by the major version that made it.</summary>
internal static class PostgresPrograms
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(10);

    private static readonly string[] Places =
    [
        "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin",
        "/usr/local/opt/postgresql*/bin", "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    ];

    /// <summary>Programs on this machine that could make a server, the newest first.</summary>
    public static async Task<IReadOnlyList<ServerPrograms>> FindInstalledAsync(CancellationToken cancellationToken)
    {
        var folders = Places.SelectMany(ProgramSearch.Folders)
            .Append(Path.GetDirectoryName(ProgramSearch.OnPath("postgres")))
            .OfType<string>()
            .Distinct();
        var found = new List<ServerPrograms>();
        foreach (var folder in folders)
        {
            if (await ReadAsync(folder, "installed", cancellationToken) is { } programs)
            {
                found.Add(programs);
            }
        }

        return [.. found.OrderByDescending(static programs => programs.Version)];
    }

    /// <summary>The programs in a folder; null when some are missing or do not run here.</summary>
    public static async Task<ServerPrograms?> ReadAsync(string folder, string origin, CancellationToken cancellationToken)
    {
        var server = Path.Combine(folder, "postgres");
        if (!File.Exists(server) || !File.Exists(Path.Combine(folder, "initdb")))
        {
            return null;
        }

        var said = await ProgramRun.RunAsync(server, ["--version"], CommandLimit, cancellationToken);
        var version = ServerPrograms.VersionIn(said.Output);
        return said.ExitCode == 0 && version.Major > 0 ? new ServerPrograms(folder, version, origin) : null;
    }

    /// <summary>The major version that made a directory's data; null when there is none yet.</summary>
    public static int? MajorOfData(DataFolder folder, out string versionFile)
    {
        versionFile = Path.Combine(folder.Postgres, "data", "PG_VERSION");
        return File.Exists(versionFile) ? ServerPrograms.VersionIn(File.ReadAllText(versionFile).Trim() + ".0").Major : null;
    }

    /// <summary>Of some programs those to use: the first, or, where there is data, the first of the version that made it.</summary>
    /// <exception cref="RefusedException">There is data, and only other versions are at hand.</exception>
    public static ServerPrograms? Choose(DataFolder folder, IReadOnlyList<ServerPrograms> found)
    {
        if (MajorOfData(folder, out _) is not { } major)
        {
            return found.Count > 0 ? found[0] : null;
        }

        return found.FirstOrDefault(programs => programs.Version.Major == major)
            ?? (found.Count == 0
                ? null
                : throw new RefusedException(
                    $"The data in {folder.Postgres} was made by PostgreSQL {major}, and another major version cannot open it; found here: "
                    + $"{string.Join(", ", found.Select(static programs => $"{programs.Version} in {programs.Folder}"))}. "
                    + $"Install PostgreSQL {major} (on Debian or Ubuntu 'apt-get install postgresql-{major}'), or start a new registry with another --data."));
    }
}
