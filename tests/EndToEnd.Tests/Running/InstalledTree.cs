using System.Security.Cryptography;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>What an installation left in a project.</summary>
public static class InstalledTree
{
    // What a client notes for itself differs with time and place.
    private static readonly string[] Notes = [".package-lock.json", ".modules.yaml", ".yarn-integrity", ".pnpm-workspace-state.json", ".pnpm-workspace-state-v1.json", "lock.yaml"];

    /// <summary>Digests of the files below <c>node_modules</c>, by path.</summary>
    public static IReadOnlyDictionary<string, string> Of(string project)
    {
        var root = Path.Combine(project, "node_modules");
        return new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint } is var options
            ? Directory.EnumerateFiles(root, "*", options)
                .Where(static file => !Notes.Contains(Path.GetFileName(file)))
                .ToDictionary(file => Path.GetRelativePath(root, file), static file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))))
            : [];
    }
}
