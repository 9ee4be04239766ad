namespace Registry.StorageService.Blobs.S3;

/// <summary>
/// The keys in the bucket. Blobs are <c>blobs/sha256/ab/cd/{64 digits}</c>, as on disk, so that keys sort as digests do.
/// <c>incoming/{id}</c> are uploads that are not verified yet; <c>deleting/{64 digits}/{id}</c> says that somebody is deciding about
/// a deletion (<see cref="S3Deletion"/>).
/// </summary>
internal static class S3Layout
{
    public const string Blobs = "blobs/sha256/";
    public const string Incoming = "incoming/";
    public const string Deleting = "deleting/";

    public static string KeyOf(BlobKey key) => $"{Blobs}{key.Hex[..2]}/{key.Hex[2..4]}/{key.Hex}";

    /// <summary>The blob at a key; null when something else lies there.</summary>
    public static BlobKey? BlobAt(string key) =>
        BlobKey.FromHex(key[(key.LastIndexOf('/') + 1)..]) is { } blob && KeyOf(blob) == key ? blob : null;

    public static string NewIncoming() => $"{Incoming}{Guid.CreateVersion7():n}";

    public static string DeletionsOf(BlobKey key) => $"{Deleting}{key.Hex}/";

    public static string NewDeletion(BlobKey key) => $"{DeletionsOf(key)}{Guid.CreateVersion7():n}";
}
