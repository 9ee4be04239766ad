using System.Collections.Frozen;

namespace Registry.PackageService.Packages;

/// <summary>Words that are part of paths in some dialect, so that no package may be called by them (K05).</summary>
internal static class ReservedNames
{
    private static readonly FrozenSet<string> Words =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "publish", "versions", "tarball", "download", "paywall", "checkout", "robots.txt");

    /// <summary>The name is one of the words; a scope keeps it apart from any path.</summary>
    public static bool Contains(PackageName name) => name.Scope is null && Words.Contains(name.Bare);
}
