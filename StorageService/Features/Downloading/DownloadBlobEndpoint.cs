using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

using Registry.Contracts.Http.Storage;
using Registry.ServiceDefaults;
using Registry.StorageService.Blobs;

namespace Registry.StorageService.Features.Downloading;

/// <summary>Gives the bytes of a blob, or a range of them, to another service; the Gateway streams them on to the client.</summary>
internal static class DownloadBlobEndpoint
{
    private const string Immutable = "public, max-age=31536000, immutable";

    public static void MapDownloading(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(StorageRoutes.Blob, [HttpMethods.Get, HttpMethods.Head], DownloadBlobAsync).AddEndpointFilter<KeyFilter>();
        routes.MapGet(StorageRoutes.PublicBlob, DownloadPublicBlobAsync).AddEndpointFilter<KeyFilter>();
    }

    private static async Task<Results<FileStreamHttpResult, RedirectHttpResult, ProblemHttpResult>> DownloadPublicBlobAsync(
        BlobKey digest, HttpResponse response, IBlobStore store, IOptions<StorageOptions> options, CancellationToken cancellationToken)
    {
        if (await store.StatAsync(digest, cancellationToken) is not { } blob)
        {
            return Absent(digest);
        }

        var s3 = options.Value.S3;
        if (s3.PresignedRedirects && await store.GetDownloadUriAsync(digest, s3.PresignedLifetime, cancellationToken) is { } elsewhere)
        {
            response.Headers.CacheControl = "no-store"; // the URL ends long before the bytes do
            return TypedResults.Redirect(elsewhere.AbsoluteUri);
        }

        return Send(blob, response, store);
    }

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> DownloadBlobAsync(
        BlobKey digest, HttpResponse response, IBlobStore store, CancellationToken cancellationToken)
    {
        if (await store.StatAsync(digest, cancellationToken) is not { } blob)
        {
            return Absent(digest);
        }

        return Send(blob, response, store);
    }

    private static ProblemHttpResult Absent(BlobKey digest) => RegistryProblem.Create(404, "blob_not_found", $"There is no blob {digest}");

    private static FileStreamHttpResult Send(BlobInfo blob, HttpResponse response, IBlobStore store)
    {
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
            entityTag: new EntityTagHeaderValue($"\"{blob.Key.Hex}\""),
            enableRangeProcessing: true);
    }
}
