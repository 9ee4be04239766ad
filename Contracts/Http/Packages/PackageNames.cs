namespace Registry.Contracts.Http.Packages;

/// <summary>What services agree on about the names of packages.</summary>
public static class PackageNames
{
    /// <summary>The spelling two names share when a reader could take one for the other: lower case, without <c>-</c>, <c>_</c> and <c>.</c>.</summary>
    /// <param name="name">A full name.</param>
    public static string Fold(string name) =>
        name.ToLowerInvariant()
            .Replace("-", "", StringComparison.Ordinal)
            .Replace("_", "", StringComparison.Ordinal)
            .Replace(".", "", StringComparison.Ordinal);
}
