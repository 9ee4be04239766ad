using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Features.Downloads;

/// <summary><see cref="PackageRoutes.Downloads"/>: what the Gateways have counted.</summary>
internal static class DownloadBatchEndpoint
{
    public static void MapDownloadBatches(this IEndpointRouteBuilder routes) => routes.MapPost(PackageRoutes.Downloads, AddAsync);

    private static async Task<IResult> AddAsync(PackageDbContext db, DownloadBatch batch, CancellationToken cancellationToken)
    {
        var rows = batch.Counts.Select(RowOf).ToList();
        if (rows.Count > DownloadBatch.MostCounts || rows.Contains(null))
        {
            return RegistryProblem.Create(400, "invalid_request", $"'counts' must be at most {DownloadBatch.MostCounts} of repository/name@version, each above 0");
        }

        await db.AddDownloadsAsync(batch.Id, rows!, cancellationToken);
        return TypedResults.Ok(new Dictionary<string, string>());
    }

    private static DownloadRow? RowOf(DownloadCount count)
    {
        var (slash, at) = (count.Tarball.IndexOf('/', StringComparison.Ordinal), count.Tarball.LastIndexOf('@'));
        return slash > 0 && at > slash && count.Count > 0
            && PackageName.TryParse(count.Tarball[(slash + 1)..at], out var name) && SemVersion.TryParse(count.Tarball[(at + 1)..], out var version)
            ? new DownloadRow { Repository = count.Tarball[..slash], Name = name.Value, Version = version.Value, Day = count.Day, Count = count.Count }
            : null;
    }
}
