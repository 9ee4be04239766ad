using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Features.Changes;

/// <summary><see cref="PackageRoutes.Changes"/>: the feed, for consumers that keep their place in it.</summary>
internal static class ChangesEndpoint
{
    private const int DefaultLimit = 500;
    private const int MaxLimit = 1000;

    public static void MapChanges(this IEndpointRouteBuilder routes) => routes.MapGet(PackageRoutes.Changes, GetChangesAsync);

    private static async Task<IResult> GetChangesAsync(PackageDbContext db, long? after, int? limit, CancellationToken cancellationToken)
    {
        if (after < 0 || limit is < 1 or > MaxLimit)
        {
            return RegistryProblem.Create(400, "invalid_range", $"'after' must not be negative and 'limit' must be from 1 to {MaxLimit}");
        }

        var epoch = (await db.FeedEpochs.AsNoTracking().SingleAsync(cancellationToken)).Epoch;
        if (after is null)
        {
            var end = await HeadAsync(db, cancellationToken);
            return TypedResults.Ok(new ChangesPage(epoch, end, end, []));
        }

        var changes = await db.Changes.AsNoTracking()
            .Where(c => c.Position > after).OrderBy(c => c.Position).Take(limit ?? DefaultLimit)
            .Select(c => new Change(c.Position, c.OccurredAt, c.Repository, c.Package, c.Kind, c.Version))
            .ToListAsync(cancellationToken);

        // Read after the page, so that the head is never behind it.
        var head = await HeadAsync(db, cancellationToken);
        return TypedResults.Ok(new ChangesPage(epoch, changes.Count == 0 ? after.Value : changes[^1].Position, head, changes));
    }

    private static async Task<long> HeadAsync(PackageDbContext db, CancellationToken cancellationToken) =>
        await db.Changes.MaxAsync(c => (long?)c.Position, cancellationToken) ?? 0;
}
