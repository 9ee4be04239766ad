using Microsoft.Extensions.Options;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Proxying;

namespace Registry.PackageService.Features.UpstreamSearch;

/// <summary>
/// Searches in every upstream of a repository at once (M46). What is or was published here under a name, or one that looks like it, hides
/// that name: a search shows what an installation would bring.
/// </summary>
internal sealed class SearchUpstreams(PackageDbContext db, UpstreamDirectory directory, UpstreamAnswers answers, IOptions<ProxyOptions> options)
{
    private static readonly UpstreamSearchResponse Nothing = new([], [], []);
    private static readonly UpstreamSearchResponse Nobody = new([], [], [], NoneToAsk: true);

    public async Task<UpstreamSearchResponse> ExecuteAsync(UpstreamSearchQuery query, CancellationToken cancellationToken)
    {
        var repository = query.Repository;
        if (!options.Value.Enabled
            || await db.FindSearchedRepositoryAsync(repository, cancellationToken) is not { UsesUpstreams: true } searched
            || !(searched.IsForEveryone || query.SignedIn == true))
        {
            return Nobody;
        }

        List<Upstream> upstreams = [.. (await directory.GetAsync(searched.Revision, cancellationToken)).Enabled];
        if (upstreams.Count == 0 || query.Question.Length == 0)
        {
            return upstreams.Count == 0 ? Nobody : Nothing;
        }

        var answered = await Task.WhenAll(upstreams.Select(upstream => answers.GetAsync(upstream, query.Question, cancellationToken)));
        var found = await UnclaimedAsync(repository, [.. answered.SelectMany(static answer => answer.Hits)], cancellationToken);
        return new UpstreamSearchResponse(
            [.. found.Take(query.Limit).Select(static hit => hit.Result)],
            [.. answered.Where(static answer => answer.IsFailure).Select(static answer => new UpstreamSearchFailure(answer.Question.Upstream, answer.Question.Detail!))],
            [.. answered.Select(static answer => answer.Question)]);
    }

    /// <summary>Each name once, from the first upstream that has it.</summary>
    private async Task<IEnumerable<UpstreamHit>> UnclaimedAsync(string repository, List<UpstreamHit> hits, CancellationToken cancellationToken)
    {
        if (hits.Count == 0)
        {
            return hits;
        }

        var claimed = (await db.ClaimedSpellingsAsync(repository, [.. hits.Select(static hit => hit.Folded).Distinct()], cancellationToken))
            .ToHashSet(StringComparer.Ordinal);
        return hits.Where(hit => !claimed.Contains(hit.Folded)).DistinctBy(static hit => hit.Result.Name, StringComparer.Ordinal);
    }
}
