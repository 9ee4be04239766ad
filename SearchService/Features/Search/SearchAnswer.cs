using Registry.Contracts.Http.Packages;
using Registry.SearchService.Index;

namespace Registry.SearchService.Features.Search;

/// <summary>A page of what is published here, followed by what the upstreams have.</summary>
/// <param name="Total">All matches the caller may see; those of upstreams as far as they were asked.</param>
/// <param name="Packages">This page's.</param>
/// <param name="Partial">True when an upstream did not answer; null otherwise, to be left out.</param>
/// <param name="Steps">What was looked at.</param>
internal sealed record SearchAnswer(long Total, IReadOnlyList<FoundPackage> Packages, bool? Partial, IReadOnlyList<ExplainedStep> Steps)
{
    /// <summary>Puts the two together as if they were one list: pages neither skip nor repeat a package.</summary>
    public static SearchAnswer Of(SearchQuery query, SearchPage own, UpstreamsPart upstreams, string repository, ExplainedStep step) =>
        new(
            own.Total + upstreams.Results.Count,
            [
                .. own.Hits.Select(static hit => new FoundPackage(hit.Document, hit.Score, null)),
                .. upstreams.Results.Skip((int)Math.Max(0, query.From - own.Total)).Take(query.Size - own.Hits.Count)
                    .Select(result => FoundPackage.Of(result, repository)),
            ],
            upstreams.IsPartial ? true : null,
            [step, .. upstreams.Steps]);
}

/// <summary>A package found.</summary>
/// <param name="Document">What is known of it.</param>
/// <param name="Score">How well it matches; 0 for one of an upstream.</param>
/// <param name="Upstream">The upstream that has it; null for a package published here.</param>
internal sealed record FoundPackage(SearchDocumentResponse Document, double Score, string? Upstream)
{
    public static FoundPackage Of(UpstreamSearchResult result, string repository) =>
        new(
            new SearchDocumentResponse
            {
                Repository = repository,
                Package = result.Name,
                Revision = 0,
                Version = result.Version,
                Description = result.Description,
                Keywords = result.Keywords ?? [],
                License = result.License,
                Homepage = result.Homepage,
                RepositoryUrl = result.Repository,
            },
            0,
            result.Upstream);
}
