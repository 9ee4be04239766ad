namespace Registry.StorageService.Blobs;

/// <summary>
/// Immutable bytes, addressed by their SHA-256. Absence is <c>null</c> or <c>false</c>. A blob appears whole or not at all, and
/// what an implementation does beyond these words is pinned by the contract suite every implementation runs.
/// </summary>
internal interface IBlobStore
{
    /// <summary>Size and lease of a blob; null when there is none.</summary>
    /// <exception cref="BlobStoreException">The store cannot be used.</exception>
    Task<BlobInfo?> StatAsync(BlobKey key, CancellationToken cancellationToken);

    /// <summary>The bytes from <paramref name="offset"/> to the end, as a stream that is read forwards; null when there is no such blob.</summary>
    /// <param name="key">The blob.</param>
    /// <param name="offset">First byte, from 0 to the blob's size.</param>
    /// <param name="cancellationToken">Gives up the opening, not the reading.</param>
    /// <exception cref="BlobStoreException">The store cannot be used.</exception>
    Task<Stream?> OpenReadAsync(BlobKey key, long offset, CancellationToken cancellationToken);

    /// <summary>
    /// Reads <paramref name="content"/> to its end and keeps it under its digest. When this returns, the blob survives a crash. Put again,
    /// it renews the lease. When the content fails, the token is cancelled or the digest is another, no trace is left.
    /// </summary>
    /// <param name="content">The bytes; read once, forwards, never held in memory as a whole.</param>
    /// <param name="expected">The digest the bytes must have; null accepts any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BlobStoreException">The store is full or cannot be written.</exception>
    Task<PutOutcome> PutAsync(Stream content, BlobKey? expected, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a blob whose lease is older than <paramref name="leasedBefore"/>; for eviction and collection only. A put that renews the lease at the same
    /// moment wins: whoever was told that a blob is stored can rely on it.
    /// </summary>
    /// <returns>True when it was removed; false when there is none or its lease is newer.</returns>
    /// <exception cref="BlobStoreException">The store cannot be written.</exception>
    Task<bool> DeleteAsync(BlobKey key, DateTimeOffset leasedBefore, CancellationToken cancellationToken);

    /// <summary>Every blob after <paramref name="startAfter"/> in the order of their digests, lazily; for collection and scrubbing.</summary>
    /// <exception cref="BlobStoreException">The store cannot be used.</exception>
    IAsyncEnumerable<BlobInfo> ListAsync(BlobKey? startAfter, CancellationToken cancellationToken);

    /// <summary>Proves cheaply that a put could succeed, and leaves nothing behind; for health.</summary>
    /// <exception cref="BlobStoreException">It could not.</exception>
    Task ProbeAsync(CancellationToken cancellationToken);

    /// <summary>A URL by which anybody may GET a blob from the store itself for a while; null when the store has none to give.</summary>
    /// <param name="key">A blob that is there.</param>
    /// <param name="lifetime">How long the URL works.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<Uri?> GetDownloadUriAsync(BlobKey key, TimeSpan lifetime, CancellationToken cancellationToken);
}
