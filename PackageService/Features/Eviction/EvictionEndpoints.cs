using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Features.Eviction;

/// <summary><see cref="PackageRoutes.UpstreamCache"/> and <see cref="PackageRoutes.EvictUpstreamCache"/>: what is kept of upstreams, and making room.</summary>
internal static class EvictionEndpoints
{
    public static void MapEviction(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(PackageRoutes.UpstreamCache, ListAsync);
        routes.MapPost(PackageRoutes.EvictUpstreamCache, EvictAsync);
    }

    private static async Task<IResult> ListAsync(PackageDbContext db, CancellationToken cancellationToken) =>
        TypedResults.Ok(new UpstreamCacheResponse(
            [.. (await db.KeptOfUpstreamsAsync(cancellationToken)).Select(static kept => new UpstreamCacheEntry(kept.Upstream, kept.Packuments, kept.Tarballs, kept.Bytes))]));

    private static async Task<IResult> EvictAsync(EvictProxied evict, bool? dryRun, CancellationToken cancellationToken) =>
        await evict.ExecuteAsync(dryRun == true, cancellationToken) is { } made
            ? TypedResults.Ok(made)
            : RegistryProblem.Create(409, "eviction_runs", "Room is being made already; try again in a moment");
}
