using System.Diagnostics;
using System.Globalization;

using Registry.SearchService.Index;
using Registry.ServiceDefaults.Access;

namespace Registry.SearchService.Features.Search;

/// <summary>Answers a query for the caller of a request; what the three dialects share.</summary>
internal sealed class SearchPackages(ISearchIndex index, SearchUpstreams upstreams, SearchMetrics metrics)
{
    public async Task<SearchAnswer> ExecuteAsync(HttpContext context, string? text, bool inMountOnly, int from, int size)
    {
        var started = Stopwatch.GetTimestamp();
        var mount = context.GetMount();
        var query = new SearchQuery(text ?? "", inMountOnly ? mount.Repository : null, SearchReader.Of(context.GetCaller()), from, size);
        var own = await index.SearchAsync(query, context.RequestAborted);
        var step = StepOf(own, Stopwatch.GetElapsedTime(started));
        var others = await upstreams.ExecuteAsync(context, query, own);
        metrics.Searched(mount.Dialect, others.Outcome, Stopwatch.GetElapsedTime(started));
        var answer = SearchAnswer.Of(query, own, others, mount.Repository, step);
        context.Features.Set(answer);
        return answer;
    }

    /// <summary>A number from a query string: clients send it as they like, and get the nearest page there is.</summary>
    public static int Number(string? value, int otherwise, int least, int most) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? (int)Math.Clamp(number, least, most)
            : otherwise;

    private ExplainedStep StepOf(SearchPage own, TimeSpan took)
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"{own.Hits.Count} of {own.Total} found in {index.Engine}");
        return new ExplainedStep("index", "answered", null, detail, Math.Round(took.TotalMilliseconds, 1));
    }
}
