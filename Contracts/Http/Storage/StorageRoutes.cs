namespace Registry.Contracts.Http.Storage;

/// <summary>Paths of StorageService's internal endpoints.</summary>
public static class StorageRoutes
{
    /// <summary>POST with the bytes as body, of any length → <see cref="StoreBlobResponse"/>. Nothing appears unless the whole body arrived.</summary>
    public const string Blobs = "/internal/blobs";

    /// <summary>GET, HEAD: the bytes, with <c>Range</c>, <c>If-Range</c>, <c>ETag</c>; 404 when there is no such blob. <c>{digest}</c> is <c>sha256:{64 hex}</c>.</summary>
    public const string Blob = "/internal/blobs/{digest}";

    /// <summary>
    /// GET, for a blob that anybody may read: as <see cref="Blob"/>, or 302 to a URL by which the client can get it from the store itself for
    /// a while. Which of the two is the store's choice.
    /// </summary>
    public const string PublicBlob = "/internal/blobs/{digest}/public";
}

/// <summary>A stored blob.</summary>
/// <param name="Digest">Its key, <c>sha256:{64 lower-case hex}</c>.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="AlreadyStored">It was there before; its lease was renewed.</param>
public sealed record StoreBlobResponse(string Digest, long SizeBytes, bool AlreadyStored);
