namespace Registry.StorageService.Blobs.S3;

/// <summary>
/// How long and how large requests to S3 may be. The times are those of one attempt; together they stay within the minute that
/// PackageService waits for a blob to be taken.
/// </summary>
internal sealed record S3Limits
{
    private const int MostParts = 10_000; // S3's own limit on the parts of an object
    private const int LeastPartBytes = 8 << 20; // S3 wants 5 MiB at least, but for the last

    /// <summary>Attempts at a small request before the store counts as unavailable.</summary>
    public int QuickAttempts { get; init; } = 3;

    /// <summary>Attempts at a request that carries or copies bytes.</summary>
    public int TransferAttempts { get; init; } = 2;

    /// <summary>To connect.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>For a request that moves no bytes of blobs.</summary>
    public TimeSpan Quick { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For a part, and for the first byte of a download.</summary>
    public TimeSpan Transfer { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>For a copy within S3.</summary>
    public TimeSpan Copy { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>For the next bytes of a download; a line that gives none for so long is opened anew.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Before the second attempt; doubled for the third.</summary>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a put waits for a deletion of the same blob to end.</summary>
    public TimeSpan DeletionPatience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The most of a blob that is in memory; a blob up to this size is sent with one request.</summary>
    public int PartBytes { get; init; } = LeastPartBytes;

    /// <summary>Up to this size a copy within S3 is one request; S3 allows 5 GB, but it has to end in time.</summary>
    public long CopyAtOnceBytes { get; init; } = 1L << 30;

    /// <summary>Bytes per request of a larger copy.</summary>
    public long CopyPartBytes { get; init; } = 256L << 20;

    /// <summary>The limits for blobs of up to a size: parts grow where ten thousand of them would not do.</summary>
    public static S3Limits For(long maxBlobBytes) =>
        new() { PartBytes = (int)Math.Clamp(maxBlobBytes / (MostParts - 1), LeastPartBytes, 1 << 30) };
}
