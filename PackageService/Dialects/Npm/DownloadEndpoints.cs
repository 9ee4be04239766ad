using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Features.Downloads;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>
/// <c>GET /downloads/{point|range}/{period}[/{name}[,{name}…]]</c> and <c>GET /versions/{name}/last-week</c> (npm protocol 3.14). Upstream they
/// have a host of their own; here they are deeper than any path of a package called <c>downloads</c> or <c>versions</c>.
/// </summary>
internal static class DownloadEndpoints
{
    public static void MapDownloads(this IEndpointRouteBuilder npm)
    {
        npm.MapMethods("/downloads/point/{period}", Methods.Read, (DownloadPeriod period, HttpContext context, ReadDownloads downloads, CancellationToken cancellationToken) =>
            OfEverythingAsync(context, downloads, period, PointOf, cancellationToken));
        npm.MapMethods("/downloads/range/{period}", Methods.Read, (DownloadPeriod period, HttpContext context, ReadDownloads downloads, CancellationToken cancellationToken) =>
            OfEverythingAsync(context, downloads, period, RangeOf, cancellationToken));
        npm.MapMethods("/downloads/point/{period}/{names}", Methods.Read,
            (DownloadPeriod period, PackageNameList names, HttpContext context, ReadDownloads downloads, CancellationToken cancellationToken) =>
                OfPackagesAsync(context, downloads, (period, names), PointOf, cancellationToken));
        npm.MapMethods("/downloads/range/{period}/{names}", Methods.Read,
            (DownloadPeriod period, PackageNameList names, HttpContext context, ReadDownloads downloads, CancellationToken cancellationToken) =>
                OfPackagesAsync(context, downloads, (period, names), RangeOf, cancellationToken));
        npm.MapMethods("/versions/{name}/last-week", Methods.Read, OfVersionsAsync);
    }

    private static async Task<IResult> OfEverythingAsync(
        HttpContext context, ReadDownloads downloads, DownloadPeriod period, Func<Downloads, string?, object> document, CancellationToken cancellationToken) =>
        Send(context, document(await downloads.OfEverythingAsync(context.GetMount(), period, cancellationToken), null));

    private static async Task<IResult> OfPackagesAsync(
        HttpContext context,
        ReadDownloads downloads,
        (DownloadPeriod Period, PackageNameList Names) asked,
        Func<Downloads, string?, object> document,
        CancellationToken cancellationToken)
    {
        var names = asked.Names.Names;
        var found = await downloads.OfAsync(context.GetMount(), context.GetCaller(), names, asked.Period, cancellationToken);
        return asked.Names.IsSeveral
            ? Send(context, names.ToDictionary(static name => name.Value, name => found.TryGetValue(name.Value, out var one) ? document(one, name.Value) : null))
            : found.TryGetValue(names[0].Value, out var only) ? Send(context, document(only, names[0].Value))
            : ProblemResults.PackageNotFound();
    }

    private static async Task<IResult> OfVersionsAsync(PackageName name, HttpContext context, ReadDownloads downloads, CancellationToken cancellationToken) =>
        await downloads.ByVersionAsync(context.GetMount(), context.GetCaller(), name, cancellationToken) is { } versions
            ? Send(context, new VersionsDocument(name.Value, versions))
            : ProblemResults.PackageNotFound();

    private static PointDocument PointOf(Downloads downloads, string? package) =>
        new(downloads.Total, DownloadPeriod.Text(downloads.Days.Start), DownloadPeriod.Text(downloads.Days.End), package);

    private static RangeDocument RangeOf(Downloads downloads, string? package) =>
        new(
            [.. downloads.EachDay.Select(static day => new DayDocument(day.Count, DownloadPeriod.Text(day.Day)))],
            DownloadPeriod.Text(downloads.Days.Start),
            DownloadPeriod.Text(downloads.Days.End),
            package);

    private static Ok<object> Send(HttpContext context, object document)
    {
        context.Response.Headers.CacheControl = Conditional.Revalidated(isPublic: false); // it may be about what only some may read
        return TypedResults.Ok(document);
    }

    private sealed record PointDocument(long Downloads, string Start, string End, string? Package);

    private sealed record RangeDocument(IReadOnlyList<DayDocument> Downloads, string Start, string End, string? Package);

    private sealed record DayDocument(long Downloads, string Day);

    private sealed record VersionsDocument(string Package, IReadOnlyDictionary<string, long> Downloads);
}
