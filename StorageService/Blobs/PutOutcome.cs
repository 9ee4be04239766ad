namespace Registry.StorageService.Blobs;

/// <summary>How a put ended.</summary>
internal abstract record PutOutcome
{
    private PutOutcome()
    {
    }

    /// <summary>The blob is new and will survive a crash of the machine.</summary>
    internal sealed record Stored(BlobKey Key, long SizeBytes) : PutOutcome;

    /// <summary>The same bytes were there; their lease was renewed.</summary>
    internal sealed record AlreadyStored(BlobKey Key, long SizeBytes) : PutOutcome;

    /// <summary>The bytes are not those that were announced; nothing was kept.</summary>
    internal sealed record DigestMismatch(BlobKey Expected, BlobKey Actual) : PutOutcome;

    /// <summary>There were more bytes than a blob may have; nothing was kept.</summary>
    internal sealed record TooLarge(long MaxBytes) : PutOutcome;
}
