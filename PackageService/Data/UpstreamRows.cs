namespace Registry.PackageService.Data;

/// <summary>What an administrator said of an upstream. It wins over the file, and is kept when the upstream is removed, so that the file does not bring it back.</summary>
internal sealed class UpstreamRow
{
    /// <summary>Its name, in lower case.</summary>
    public required string Name { get; set; }

    /// <summary>The entry in the form of <c>pantry.json</c>, secrets included; null for one that is removed.</summary>
    public string? Entry { get; set; }

    /// <summary>Grows with every change of any upstream.</summary>
    public long Revision { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    public required string ChangedBy { get; set; }
}

/// <summary>What an upstream said when it was asked for a packument.</summary>
internal sealed class UpstreamPackumentRow
{
    public required string Upstream { get; set; }

    public required string Name { get; set; }

    public bool Abbreviated { get; set; }

    /// <summary>Where it came from: type and base URL. What came from elsewhere is asked for again.</summary>
    public string Source { get; set; } = "";

    /// <summary>Digest of what is kept; null when the upstream has no such package, or was never reached.</summary>
    public string? Revision { get; set; }

    /// <summary>The packument with links as <see cref="Registry.Upstreams.Types.PackageRegistry.LinkOf"/> writes them, gzip.</summary>
    public byte[]? Body { get; set; }

    public string? Etag { get; set; }

    public DateTimeOffset? LastModified { get; set; }

    /// <summary>When <see cref="Body"/> last changed.</summary>
    public DateTimeOffset? ChangedAt { get; set; }

    /// <summary>When the upstream last answered; null when it never did.</summary>
    public DateTimeOffset? CheckedAt { get; set; }

    public DateTimeOffset UsedAt { get; set; }

    /// <summary>Which question holds the row, so that one process asks and the others wait.</summary>
    public Guid? LeaseOwner { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>Why the last question failed; null when it did not. Never taken for an absence.</summary>
    public string? Failure { get; set; }

    public DateTimeOffset? FailedAt { get; set; }
}

/// <summary>A tarball that came, or is coming, from an upstream.</summary>
internal sealed class UpstreamTarballRow
{
    public required string Upstream { get; set; }

    public required string Name { get; set; }

    public required string Version { get; set; }

    /// <summary>Key of its blob; null while it was never stored.</summary>
    public string? Digest { get; set; }

    public long SizeBytes { get; set; }

    /// <summary>SHA-512 of the bytes as SRI.</summary>
    public string? Integrity { get; set; }

    public DateTimeOffset? StoredAt { get; set; }

    public DateTimeOffset UsedAt { get; set; }

    public Guid? LeaseOwner { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    public string? Failure { get; set; }

    public DateTimeOffset? FailedAt { get; set; }
}
