using Microsoft.AspNetCore.Http.HttpResults;

using Registry.Contracts.Http.Search;
using Registry.Messaging.Changes;
using Registry.SearchService.Data;
using Registry.SearchService.Index;
using Registry.SearchService.Indexing;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Features.Rebuild;

/// <summary>What <c>./registry search rebuild</c> and <c>verify</c> ask.</summary>
internal static class RebuildEndpoints
{
    public static void MapRebuild(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(IndexRoutes.Rebuild, BeginAsync);
        routes.MapGet(IndexRoutes.Rebuild, ReadAsync);
        routes.MapPost(IndexRoutes.Verify, VerifyAsync);
    }

    private static async Task<Ok<RebuildResponse>> BeginAsync(RebuildLedger ledger, RebuildState state, CancellationToken cancellationToken)
    {
        await ledger.BeginAsync(cancellationToken);
        return TypedResults.Ok(await state.ReadAsync(cancellationToken));
    }

    private static async Task<Ok<RebuildResponse>> ReadAsync(RebuildState state, CancellationToken cancellationToken) =>
        TypedResults.Ok(await state.ReadAsync(cancellationToken));

    private static async Task<Results<Ok<VerifyResponse>, ProblemHttpResult>> VerifyAsync(
        IndexKeeper keeper, ChangesFollower follower, CompareIndex compare, CancellationToken cancellationToken)
    {
        await follower.AdvanceAsync(cancellationToken);
        var standing = await keeper.OpenAsync(IndexRole.Live, cancellationToken);
        if (standing.Position.Epoch is not { } epoch)
        {
            return RegistryProblem.Create(503, "index_busy", "The search index is not filled yet; try again in a moment");
        }

        try
        {
            return TypedResults.Ok(await compare.ExecuteAsync(IndexRole.Live, standing.Position.Position, epoch, cancellationToken));
        }
        catch (TooMuchChangedException tooMuch)
        {
            return RegistryProblem.Create(503, "index_busy", tooMuch.Message);
        }
    }
}

/// <summary>How far a rebuild is, as operators see it.</summary>
internal sealed class RebuildState(ISearchIndex index, RebuildLedger ledger, IndexKeeper keeper, ChangesFollower follower)
{
    public async Task<RebuildResponse> ReadAsync(CancellationToken cancellationToken)
    {
        var row = await ledger.ReadAsync(cancellationToken);
        var role = row?.Phase is RebuildPhases.Filling or RebuildPhases.Comparing ? IndexRole.Next : IndexRole.Live;
        var standing = await keeper.FindAsync(role, cancellationToken);
        return new RebuildResponse(
            index.Engine, row?.Phase ?? RebuildPhases.None, row?.Message, row?.StartedAt, row?.EndedAt, standing?.Position.Position ?? 0, follower.Head);
    }
}
