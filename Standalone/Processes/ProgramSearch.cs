namespace Registry.Standalone.Processes;

/// <summary>Where programs are.</summary>
internal static class ProgramSearch
{
    /// <summary>The first program of this name on the path, links followed; null when there is none.</summary>
    public static string? OnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .Where(File.Exists)
            .Select(Resolve)
            .FirstOrDefault();

    /// <summary>The folders that match a pattern with one <c>*</c> in it, as <c>/usr/lib/postgresql/*/bin</c>.</summary>
    public static IEnumerable<string> Folders(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return Directory.Exists(pattern) ? [pattern] : [];
        }

        var parent = pattern[..pattern.LastIndexOf('/', star)];
        var rest = pattern[(parent.Length + 1)..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (name, tail) = slash < 0 ? (rest, "") : (rest[..slash], rest[(slash + 1)..]);
        return Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, name).Select(folder => Path.Combine(folder, tail)).Where(Directory.Exists)
            : [];
    }

    /// <summary>A path with the link at its end followed.</summary>
    public static string Resolve(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
}
