using System.Diagnostics;
using System.Globalization;

using Registry.SearchService.Index;
using Registry.ServiceDefaults.Access;

namespace Registry.SearchService.Features.Search;

/// <summary>Answers a query for the caller of a request; what the three dialects share.</summary>
internal sealed class SearchPackages(ISearchIndex index, SearchMetrics metrics)
{
    public async Task<SearchPage> ExecuteAsync(HttpContext context, string? text, bool inMountOnly, int from, int size)
    {
        var started = Stopwatch.GetTimestamp();
        var mount = context.GetMount();
        var page = await index.SearchAsync(
            new SearchQuery(text ?? "", inMountOnly ? mount.Repository : null, SearchReader.Of(context.GetCaller()), from, size),
            context.RequestAborted);
        metrics.Searched(mount.Dialect, Stopwatch.GetElapsedTime(started));
        return page;
    }

    /// <summary>A number from a query string: clients send it as they like, and get the nearest page there is.</summary>
    public static int Number(string? value, int otherwise, int least, int most) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? (int)Math.Clamp(number, least, most)
            : otherwise;
}
