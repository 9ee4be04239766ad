using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Features.Changes;

/// <summary>
/// What the packages were at a position of the feed, exactly and for any position: for consumers that check what they derived. A
/// package's revision at a position is its last change up to there, so the feed alone answers.
/// </summary>
internal static class RevisionsEndpoints
{
    private const int MostRevisions = 5000;

    public static void MapRevisions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(PackageRoutes.RevisionDigest, DigestAsync);
        routes.MapGet(PackageRoutes.Revisions, ListAsync);
    }

    private static async Task<IResult> DigestAsync(PackageDbContext db, RevisionDigestRequest request, CancellationToken cancellationToken)
    {
        if (request.Position < 0 || request.Except is null or { Count: > RevisionDigestRequest.MostExcepted })
        {
            return RegistryProblem.Create(400, "invalid_range", $"'position' must not be negative, and at most {RevisionDigestRequest.MostExcepted} packages can be left out");
        }

        var epoch = (await db.FeedEpochs.AsNoTracking().SingleAsync(cancellationToken)).Epoch;
        var row = await db.DigestRevisionsAsync(request.Position, request.Except, cancellationToken);
        return TypedResults.Ok(new RevisionDigestResponse(epoch, row.Packages, row.Digest));
    }

    private static async Task<IResult> ListAsync(
        PackageDbContext db, long position, string? afterRepository, string? afterPackage, int? limit, CancellationToken cancellationToken) =>
        position < 0 || limit is < 1 or > MostRevisions
            ? RegistryProblem.Create(400, "invalid_range", $"'position' must not be negative and 'limit' must be from 1 to {MostRevisions}")
            : TypedResults.Ok(new RevisionsPage(await db.RevisionsAsync(
                position, new PackageKey(afterRepository ?? "", afterPackage ?? ""), limit ?? MostRevisions, cancellationToken)));
}
