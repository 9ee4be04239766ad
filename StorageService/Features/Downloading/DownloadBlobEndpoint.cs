using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

using Registry.Contracts.Http.Storage;
using Registry.ServiceDefaults;
using Registry.StorageService.Blobs;

namespace Registry.StorageService.Features.Downloading;

/// <summary>Gives the bytes of a blob, or a range of them, to another service; the Gateway streams them on to the client.</summary>
internal static class DownloadBlobEndpoint
{
    private const string Immutable = "public, max-age=31536000, immutable";

    public static void MapDownloading(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(StorageRoutes.Blob, [HttpMethods.Get, HttpMethods.Head], DownloadBlobAsync).AddEndpointFilter<KeyFilter>();

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> DownloadBlobAsync(
        BlobKey digest, HttpResponse response, IBlobStore store, CancellationToken cancellationToken)
    {
        if (await store.StatAsync(digest, cancellationToken) is not { } blob)
        {
            return RegistryProblem.Create(404, "blob_not_found", $"There is no blob {digest}");
        }

        response.OnStarting(() =>
        {
            if (response.StatusCode < 400)
            {
                response.Headers.CacheControl = Immutable; // the bytes of a digest never change; an unsatisfiable range is not the bytes
            }

            return Task.CompletedTask;
        });
#pragma warning disable CA2000 // the result disposes it
        var content = new BlobStream(store, blob);
#pragma warning restore CA2000
        return TypedResults.Stream(
            content,
            "application/octet-stream",
            entityTag: new EntityTagHeaderValue($"\"{digest.Hex}\""),
            enableRangeProcessing: true);
    }
}
