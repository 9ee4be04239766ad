namespace Registry.StorageService.Features.Copying;

/// <summary>How far a copy of all blobs has come, or how it ended.</summary>
public sealed record BlobCopyProgress
{
    /// <summary>Blobs that were copied.</summary>
    public long Copied { get; init; }

    /// <summary>Their bytes.</summary>
    public long CopiedBytes { get; init; }

    /// <summary>Blobs that were there already, in the same size.</summary>
    public long Skipped { get; init; }

    /// <summary>Blobs that could not be copied, or are damaged.</summary>
    public long Failed { get; init; }

    /// <summary>What was wrong with the last of those, beginning with its digest; null when there is none.</summary>
    public string? LastFault { get; init; }
}
