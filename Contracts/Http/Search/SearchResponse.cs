using Registry.Contracts.Http.Packages;

namespace Registry.Contracts.Http.Search;

/// <summary>A page of search results, as <c>GET /api/v1/search?q=&amp;from=&amp;size=</c> answers it.</summary>
/// <param name="Total">All matches the caller may see, not only this page's; those of upstreams as far as they were asked.</param>
/// <param name="Results">This page's matches: those published here, best first, then those of upstreams.</param>
/// <param name="Partial">True when an upstream did not answer.</param>
public sealed record SearchResponse(long Total, IReadOnlyList<SearchResultResponse> Results, bool? Partial = null);

/// <summary>One package found.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Name">Full name.</param>
/// <param name="Version">The version <c>latest</c> names.</param>
/// <param name="Description">Its description.</param>
/// <param name="Keywords">Its keywords.</param>
/// <param name="License">Its licence.</param>
/// <param name="Publisher">Who published it.</param>
/// <param name="PublishedAt">When it was published, UTC.</param>
/// <param name="Score">How well it matches; comparable within one answer only. 0 for one of an upstream.</param>
/// <param name="Upstream">The upstream that has it; null for a package published here.</param>
public sealed record SearchResultResponse(
    string Repository,
    string Name,
    string Version,
    string? Description,
    IReadOnlyList<string> Keywords,
    string? License,
    Person? Publisher,
    DateTimeOffset? PublishedAt,
    double Score,
    string? Upstream = null);
