using System.Diagnostics;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using Registry.Contracts.Http.Storage;
using Registry.ServiceDefaults;
using Registry.StorageService.Blobs;

namespace Registry.StorageService.Features.Storing;

/// <summary>Takes the bytes of a blob from another service.</summary>
internal static class StoreBlobEndpoint
{
    public static void MapStoring(this IEndpointRouteBuilder routes) =>
        routes.MapPost(StorageRoutes.Blobs, StoreBlobAsync).AddEndpointFilter<KeyFilter>();

    private static async Task<Results<Created<StoreBlobResponse>, Ok<StoreBlobResponse>, ProblemHttpResult>> StoreBlobAsync(
        BlobKey? expected, HttpRequest request, IBlobStore store, IOptions<StorageOptions> options, CancellationToken cancellationToken)
    {
        // Said at once, before a byte is read, to whoever announces the length; the store counts for everybody else.
        var outcome = request.ContentLength > options.Value.MaxBlobBytes
            ? new PutOutcome.TooLarge(options.Value.MaxBlobBytes)
            : await store.PutAsync(request.Body, expected, cancellationToken);
        return outcome switch
        {
            PutOutcome.Stored(var key, var size) =>
                TypedResults.Created($"{StorageRoutes.Blobs}/{key}", new StoreBlobResponse(key.ToString(), size, AlreadyStored: false)),
            PutOutcome.AlreadyStored(var key, var size) =>
                TypedResults.Ok(new StoreBlobResponse(key.ToString(), size, AlreadyStored: true)),
            PutOutcome.DigestMismatch(var announced, var actual) =>
                RegistryProblem.Create(422, "digest_mismatch", $"The bytes have the digest {actual}, not the announced {announced}; nothing was stored"),
            PutOutcome.TooLarge(var max) =>
                RegistryProblem.Create(413, "blob_too_large", $"The body is larger than {max} bytes, the most that may be stored"),
            _ => throw new UnreachableException(),
        };
    }
}
