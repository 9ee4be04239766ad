using Registry.Contracts.Http.Packages;
using Registry.SearchService.Index;
using Registry.ServiceDefaults.Access;

namespace Registry.SearchService.Features.Search;

/// <summary>Asks the upstreams where the packages published here leave room on a page.</summary>
internal sealed class SearchUpstreams(UpstreamsClient upstreams)
{
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

        var answer = await upstreams.SearchAsync(mount.Repository, text, context.GetCaller().IsSignedIn(), context.RequestAborted);
        var asked = answer.Asked is { Count: > 0 } questions
            ? questions.Select(ExplainedStep.Of)
            : [new ExplainedStep("upstreams", "not asked", null, "none is searched for this repository and caller", null)];
        return new UpstreamsPart(answer.Results, answer.Failures.Count > 0 ? "partial" : "all", [.. asked]);
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
