using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Proxying;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Features.Changes;

/// <summary><see cref="PackageRoutes.Changes"/>: the feed, for consumers that keep their place in it.</summary>
internal static class ChangesEndpoint
{
    private const int DefaultLimit = 500;
    private const int MaxLimit = 1000;

    public static void MapChanges(this IEndpointRouteBuilder routes) => routes.MapGet(PackageRoutes.Changes, GetChangesAsync);

    private static async Task<IResult> GetChangesAsync(
        PackageDbContext db, UpstreamDirectory directory, long? after, int? limit, CancellationToken cancellationToken)
    {
        if (after < 0 || limit is < 1 or > MaxLimit)
        {
            return RegistryProblem.Create(400, "invalid_range", $"'after' must not be negative and 'limit' must be from 1 to {MaxLimit}");
        }

        var upstreams = (await directory.GetLatestAsync(cancellationToken)).Stamp;
        var (epoch, head, changes) = await db.ReadChangesAsync(after ?? long.MaxValue, limit ?? DefaultLimit, cancellationToken);
        var position = changes.Count == 0 ? after ?? head : changes[^1].Position;
        return TypedResults.Ok(new ChangesPage(epoch, position, head, changes, upstreams));
    }
}
