using System.Text.Json.Serialization;

using Registry.Contracts.Events;

namespace Registry.Contracts.Http.Packages;

/// <summary>Paths of PackageService's internal endpoints.</summary>
public static class PackageRoutes
{
    /// <summary>GET: what is kept of upstreams → <see cref="UpstreamCacheResponse"/>.</summary>
    public const string UpstreamCache = "/internal/upstream-cache";

    /// <summary>POST makes room → <see cref="EvictionResponse"/>; with <c>?dryRun=true</c> it only says what would leave.</summary>
    public const string EvictUpstreamCache = "/internal/upstream-cache/evict";

    /// <summary>GET <c>?after={position}&amp;limit={1..1000}</c> → <see cref="ChangesPage"/>. Without <c>after</c>: an empty page at the head.</summary>
    public const string Changes = "/internal/changes";

    /// <summary>POST <see cref="RevisionDigestRequest"/> → <see cref="RevisionDigestResponse"/>.</summary>
    public const string RevisionDigest = "/internal/changes/digest";

    /// <summary>GET <c>?position=&amp;afterRepository=&amp;afterPackage=&amp;limit={1..5000}</c> → <see cref="RevisionsPage"/>.</summary>
    public const string Revisions = "/internal/changes/revisions";

    /// <summary>POST <see cref="DownloadBatch"/>, which may be repeated → 200 <c>{}</c>.</summary>
    public const string Downloads = "/internal/downloads";

    /// <summary>POST <see cref="SearchDocumentsRequest"/>, which may be repeated → <see cref="SearchDocumentsResponse"/>.</summary>
    public const string SearchDocuments = "/internal/search-documents";

    /// <summary>
    /// GET <c>?repository=&amp;text=&amp;size={1..250}&amp;signedIn=</c> → <see cref="UpstreamSearchResponse"/>. Without <c>signedIn=true</c>
    /// nothing is found in a repository that only those with an account may read.
    /// </summary>
    public const string UpstreamSearch = "/internal/upstream-search";
}

/// <summary>A page of the feed of changes, in commit order.</summary>
/// <param name="Epoch">The feed's identity. Another value means the database was restored: start again from position 0.</param>
/// <param name="Position">Where to continue: the last position in this page, or the one asked for when it is empty.</param>
/// <param name="Head">The last position in the feed when the page was read.</param>
/// <param name="Changes">The changes after the position asked for, oldest first.</param>
/// <param name="Upstreams">Stands for the upstreams as they are: with another value, what came from them may not hold any more. Null from a service that does not say it yet.</param>
public sealed record ChangesPage(Guid Epoch, long Position, long Head, IReadOnlyList<Change> Changes, string? Upstreams = null);

/// <summary>One change of one package.</summary>
/// <param name="Position">Its place in the feed, and the package's revision after it.</param>
/// <param name="OccurredAt">When it was made, UTC.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Package">The package's canonical full name.</param>
/// <param name="Kind">What changed.</param>
/// <param name="Version">The version concerned, when it concerns one.</param>
public sealed record Change(
    long Position,
    DateTimeOffset OccurredAt,
    string Repository,
    string Package,
    [property: JsonConverter(typeof(PackageChangeKindConverter))] PackageChangeKind Kind,
    string? Version);
