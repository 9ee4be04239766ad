namespace Registry.Contracts.Http.Storage;

/// <summary>Paths of StorageService's internal endpoints.</summary>
public static class StorageRoutes
{
    /// <summary>POST with the bytes as body, of any length → <see cref="StoreBlobResponse"/>. Nothing appears unless the whole body arrived.</summary>
    public const string Blobs = "/internal/blobs";

    /// <summary>
    /// GET, HEAD: the bytes, with <c>Range</c>, <c>If-Range</c>, <c>ETag</c>; 404 when there is no such blob. <c>{digest}</c> is <c>sha256:{64 hex}</c>.
    /// DELETE with <see cref="LeasedBefore"/>: 204 when the blob is removed, 404 when there is none, 409 <c>blob_leased</c> when it was put since.
    /// </summary>
    public const string Blob = "/internal/blobs/{digest}";

    /// <summary>
    /// Query of a DELETE, required: a blob is removed only when its last put is older than this time (ISO 8601, UTC unless it says otherwise). A time
    /// from before the caller looked whether anything refers to the blob never takes it from somebody who was told since that it is stored.
    /// </summary>
    public const string LeasedBefore = "leasedBefore";

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
