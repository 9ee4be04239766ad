using System.Collections.Concurrent;

using Registry.Contracts.Http.Packages;
using Registry.SearchService.Index;
using Registry.ServiceDefaults.Access;

namespace Registry.SearchService.Features.Search;

/// <summary>Asks the upstreams where the packages published here leave room on a page. Where there are none, that is remembered for a second.</summary>
internal sealed class SearchUpstreams(UpstreamsClient upstreams, TimeProvider clock)
{
    private static readonly TimeSpan NoneFor = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<(string Repository, bool IsSignedIn), long> _none = new(); // at most two for each mounted repository

    public async Task<UpstreamsPart> ExecuteAsync(HttpContext context, SearchQuery query, SearchPage own)
    {
        var mount = context.GetMount();
        var text = Tokenizer.CutQuery(query.Text);
        var whyNot = !mount.UsesUpstreams ? "this mount does not fall through"
            : text.Length == 0 ? "nothing is searched for"
            : own.Hits.Count >= query.Size || own.Total >= query.From + (long)query.Size ? "what is published here fills the page"
            : null;
        if (whyNot is not null)
        {
            return new UpstreamsPart([], "not asked", [new ExplainedStep("upstreams", "not asked", null, whyNot, null)]);
        }

        var answer = await AskAsync((mount.Repository, context.GetCaller().IsSignedIn()), text, context.RequestAborted);
        var asked = answer.Asked is { Count: > 0 } questions
            ? questions.Select(ExplainedStep.Of)
            : [new ExplainedStep("upstreams", "not asked", null, "none is searched for this repository and caller", null)];
        return new UpstreamsPart(answer.Results, answer.Failures.Count > 0 ? "partial" : "all", [.. asked]);
    }

    private async Task<UpstreamSearchResponse> AskAsync((string Repository, bool IsSignedIn) key, string text, CancellationToken cancellationToken)
    {
        if (_none.TryGetValue(key, out var since) && clock.GetElapsedTime(since) < NoneFor)
        {
            return new UpstreamSearchResponse([], [], NoneToAsk: true);
        }

        var answer = await upstreams.SearchAsync(key.Repository, text, key.IsSignedIn, cancellationToken);
        if (answer.NoneToAsk)
        {
            _none[key] = clock.GetTimestamp();
        }

        return answer;
    }
}

/// <summary>What the upstreams add to a search.</summary>
/// <param name="Results">What they found, in an order that does not change between pages while they answer the same.</param>
/// <param name="Outcome"><c>all</c>, <c>partial</c> or <c>not asked</c>.</param>
/// <param name="Steps">What was asked.</param>
internal sealed record UpstreamsPart(IReadOnlyList<UpstreamSearchResult> Results, string Outcome, IReadOnlyList<ExplainedStep> Steps)
{
    public bool IsPartial => Outcome == "partial";
}
