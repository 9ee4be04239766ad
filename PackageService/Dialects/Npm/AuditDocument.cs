using System.Globalization;
using System.Text.Json.Serialization;

using Registry.PackageService.Features.Advisories;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>The answer to a tree of dependencies (npm protocol 3.9).</summary>
/// <param name="Actions">What to look at, by package. Which update would help is not worked out here.</param>
/// <param name="Advisories">The advisories by number.</param>
/// <param name="Muted">Never any.</param>
/// <param name="Metadata">How much was found in how many packages.</param>
internal sealed record AuditDocument(
    IReadOnlyList<AuditAction> Actions, IReadOnlyDictionary<string, AuditAdvisory> Advisories, IReadOnlyList<string> Muted, AuditMetadata Metadata)
{
    private const int MostPaths = 1000; // of all advisories together; what is left out is still counted

    public static AuditDocument Of(DependencyTree tree, IReadOnlyList<FoundAdvisory> found)
    {
        var installed = tree.Packages.Where(static package => package.Version is not null).ToLookup(static package => (package.Name, package.Version!));
        var counts = AdvisoryEntry.Severities.ToDictionary(static severity => severity, static _ => 0);
        var advisories = new Dictionary<string, AuditAdvisory>(StringComparer.Ordinal);
        var actions = new Dictionary<string, AuditAction>(StringComparer.Ordinal);
        var room = MostPaths;
        foreach (var one in found)
        {
            var advisory = one.Advisory;
            var places = one.Versions.SelectMany(version => installed[(advisory.Package, version)]).ToList();
            counts[advisory.Severity] += places.Count;
            var told = places.Take(room).Select(static place => (Place: place, place.Path)).ToList();
            room -= told.Count;
            var findings = told.GroupBy(static place => place.Place.Version!).Select(static version => AuditFinding.Of(version.Key, [.. version]));
            advisories[advisory.Id.ToString(CultureInfo.InvariantCulture)] = AuditAdvisory.Of(advisory, [.. findings]);
            var action = actions.TryGetValue(advisory.Package, out var known) ? known : actions[advisory.Package] = new AuditAction("review", advisory.Package, []);
            action.Resolves.AddRange(told.Select(place => new AuditResolve(advisory.Id, place.Path, place.Place.IsDev, place.Place.IsOptional, place.Place.IsBundled)));
        }

        return new AuditDocument([.. actions.Values], advisories, [], AuditMetadata.Of(tree, counts));
    }
}

/// <summary>What npm 6 prints a table of.</summary>
internal sealed record AuditAction(string Action, string Module, List<AuditResolve> Resolves);

internal sealed record AuditResolve(long Id, string Path, bool Dev, bool Optional, bool Bundled);

/// <summary>Where a version that has the weakness is.</summary>
internal sealed record AuditFinding(string Version, IReadOnlyList<string> Paths, bool Dev, bool Optional, bool Bundled)
{
    public static AuditFinding Of(string version, IReadOnlyList<(InstalledPackage Place, string Path)> places) =>
        new(
            version,
            [.. places.Select(static place => place.Path)],
            places.All(static place => place.Place.IsDev),
            places.All(static place => place.Place.IsOptional),
            places.All(static place => place.Place.IsBundled));
}

/// <summary>How much was found, by severity, in how many packages.</summary>
internal sealed record AuditMetadata(
    IReadOnlyDictionary<string, int> Vulnerabilities, int Dependencies, int DevDependencies, int OptionalDependencies, int TotalDependencies)
{
    public static AuditMetadata Of(DependencyTree tree, Dictionary<string, int> counts) =>
        new(
            counts,
            tree.Packages.Count(static package => !package.IsDev && !package.IsOptional),
            tree.Packages.Count(static package => package.IsDev),
            tree.Packages.Count(static package => package.IsOptional),
            tree.Packages.Count);
}

/// <summary>An advisory as npm 6 and pnpm before 11 read it.</summary>
internal sealed record AuditAdvisory(
    IReadOnlyList<AuditFinding> Findings,
    long Id,
    string Title,
    [property: JsonPropertyName("module_name")] string ModuleName,
    [property: JsonPropertyName("vulnerable_versions")] string VulnerableVersions,
    [property: JsonPropertyName("patched_versions")] string PatchedVersions,
    string Severity,
    string Overview,
    string Recommendation,
    string Url,
    IReadOnlyList<string> Cwe,
    IReadOnlyList<string> Cves,
    string Access,
    DateTimeOffset Created,
    DateTimeOffset Updated)
{
    private const string NoVersion = "<0.0.0"; // what these clients take for "not patched"

    public static AuditAdvisory Of(Data.AdvisoryRow row, IReadOnlyList<AuditFinding> findings) =>
        new(
            findings,
            row.Id,
            row.Title,
            row.Package,
            row.VulnerableVersions,
            row.PatchedVersions ?? NoVersion,
            row.Severity,
            row.Overview ?? "",
            row.Recommendation ?? "",
            row.Url,
            row.Cwe,
            [],
            row.Access,
            row.PublishedAt,
            row.UpdatedAt);
}
