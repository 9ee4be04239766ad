namespace Registry.PackageService.Packages;

/// <summary>One published version. Except for its deprecation it never changes.</summary>
internal sealed class PackageVersion
{
    public long Id { get; set; }

    public long PackageId { get; set; }

    /// <summary>The version as it was written; the identity.</summary>
    public required string Version { get; set; }

    /// <summary>Text whose byte order is semver precedence.</summary>
    public required string SortKey { get; set; }

    /// <summary>The manifest as JSON text, unknown fields kept, without <c>dist</c> and the registry's own fields.</summary>
    public required string Manifest { get; set; }

    /// <summary>Key of the tarball's blob.</summary>
    public required string Digest { get; set; }

    public long SizeBytes { get; set; }

    public required string Integrity { get; set; }

    public required string Shasum { get; set; }

    public int FileCount { get; set; }

    public long UnpackedSizeBytes { get; set; }

    /// <summary>Why it is deprecated; null when it is not.</summary>
    public string? Deprecated { get; set; }

    public DateTimeOffset PublishedAt { get; set; }

    public required string PublisherId { get; set; }

    public required string PublisherName { get; set; }

    public string? PublisherEmail { get; set; }

    /// <summary>Which credential published it: a repeat by the same one is not a conflict.</summary>
    public string? CredentialId { get; set; }

    /// <summary>The <c>npm-session</c> it was published in.</summary>
    public string? NpmSession { get; set; }

    /// <summary>What its documents consist of; null unless it was asked for.</summary>
    public VersionFragments? Fragments { get; set; }
}
