using Microsoft.AspNetCore.Http.HttpResults;

using Registry.Contracts.Http.Storage;
using Registry.ServiceDefaults;
using Registry.StorageService.Blobs;

namespace Registry.StorageService.Features.Deleting;

/// <summary>Removes a blob for a service that knows that nothing refers to it; the lease decides whether somebody put it again meanwhile.</summary>
internal static class DeleteBlobEndpoint
{
    public static void MapDeleting(this IEndpointRouteBuilder routes) =>
        routes.MapDelete(StorageRoutes.Blob, DeleteBlobAsync).AddEndpointFilter<LeaseTimeFilter>().AddEndpointFilter<KeyFilter>();

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteBlobAsync(
        BlobKey digest, LeaseTime? leasedBefore, IBlobStore store, CancellationToken cancellationToken)
    {
        if (await store.DeleteAsync(digest, leasedBefore!.Value, cancellationToken))
        {
            return TypedResults.NoContent();
        }

        // Asked afterwards: the store's own decision is the only one that holds against a put at the same moment.
        return await store.StatAsync(digest, cancellationToken) is null
            ? RegistryProblem.Create(404, "blob_not_found", $"There is no blob {digest}")
            : RegistryProblem.Create(409, "blob_leased", $"The blob {digest} was stored again since; it stays");
    }
}
