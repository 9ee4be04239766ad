using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing.Bodies;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>
/// A packument that a client sends back, changed (npm protocol 3.5). Only what clients change by it is read: deprecations, the caller's own
/// star, the maintainers, and which versions are left.
/// </summary>
internal sealed class UpdateDocument(JsonObject document)
{
    /// <summary>The <c>_rev</c> it was made from; none when it says none.</summary>
    public IReadOnlyList<string> Revs => document.TextOrNull("_rev") is { } rev ? [rev] : [];

    /// <summary>The versions it lists; null when it is not about versions.</summary>
    public IReadOnlySet<string>? Versions => VersionsOrNull?.Select(version => version.Key).ToHashSet(StringComparer.Ordinal);

    /// <summary>It is about stars alone.</summary>
    public bool IsStar => VersionsOrNull is null && document["users"] is JsonObject;

    /// <summary>Where it points <c>latest</c>.</summary>
    public string? Latest => (document["dist-tags"] as JsonObject)?.TextOrNull(DistTagName.Latest.Value);

    /// <summary>By version: its deprecation, or an empty text that clears it. What is not text says nothing.</summary>
    public IReadOnlyDictionary<string, string> Deprecations =>
        (VersionsOrNull ?? new JsonObject())
            .Select(version => (version.Key, Reason: (version.Value as JsonObject)?.TextOrNull("deprecated")))
            .Where(version => version.Reason is not null)
            .ToDictionary(version => version.Key, version => version.Reason!, StringComparer.Ordinal);

    /// <summary>The names of the maintainers; null when it is not about them, or they are not a list of objects with names.</summary>
    public IReadOnlyList<string>? Maintainers =>
        document["maintainers"] is JsonArray list && list.Select(NameOf).OfType<string>().ToList() is var names && names.Count == list.Count
            ? names
            : null;

    private JsonObject? VersionsOrNull => document["versions"] as JsonObject;

    /// <summary>Whether this user's star is among those it lists; null when it is not about stars. Nobody else's is looked at.</summary>
    public bool? IsStarredBy(string user) =>
        document["users"] is JsonObject users ? users[user] is JsonValue star && star.TryGetValue<bool>(out var isStarred) && isStarred : null;

    /// <summary>It says of itself that it is about this package, or does not say.</summary>
    public bool IsOf(PackageName name) => IsOf("_id", name) && IsOf("name", name);

    private static string? NameOf(JsonNode? maintainer) => (maintainer as JsonObject)?.TextOrNull("name");

    private bool IsOf(string member, PackageName name) => document[member] is null || document.TextOrNull(member) == name.Value;
}
