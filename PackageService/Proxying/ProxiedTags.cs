using System.Text.Json;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Proxying;

/// <summary>The dist-tags of an upstream's package, when rules keep out some of its versions (complaint 13).</summary>
internal static class ProxiedTags
{
    private const string Latest = "latest";

    /// <summary>
    /// The tags that name a version that is there. <c>latest</c> falls back to the highest stable version below the one it names, else to the
    /// highest stable one, else to the highest.
    /// </summary>
    /// <param name="tags">The upstream's.</param>
    /// <param name="visible">The versions that are there.</param>
    public static IReadOnlyList<(string Tag, string Version)> Of(JsonElement tags, IReadOnlyCollection<string> visible)
    {
        var there = visible.ToHashSet(StringComparer.Ordinal);
        var given = tags.EnumerateObject().Select(static tag => (Tag: tag.Name, Version: tag.Value.GetString()!)).ToList();
        var kept = given.Where(tag => there.Contains(tag.Version)).ToList();
        if (!kept.Exists(static tag => tag.Tag == Latest) && FallBack(given.Find(static tag => tag.Tag == Latest).Version, visible) is { } latest)
        {
            kept.Insert(0, (Latest, latest));
        }

        return kept;
    }

    private static string? FallBack(string? hidden, IEnumerable<string> visible)
    {
        var versions = visible.Select(static text => SemVersion.Parse(text)).OrderDescending().ToList();
        var stable = versions.Where(static version => !version.IsPrerelease).ToList();
        var bound = SemVersion.TryParse(hidden, out var parsed) ? parsed : null;
        return ((bound is null ? null : stable.Find(version => version < bound)) ?? stable.FirstOrDefault() ?? versions.FirstOrDefault())?.Value;
    }
}
