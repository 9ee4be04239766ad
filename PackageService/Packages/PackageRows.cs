namespace Registry.PackageService.Packages;

/// <summary>A name for a version.</summary>
internal sealed class DistTag
{
    public long PackageId { get; set; }

    public required string Tag { get; set; }

    public required string Version { get; set; }

    /// <summary>
    /// Somebody moved it by a dist-tag command rather than by publishing. Dialects without tags then follow it as "latest";
    /// otherwise they take the highest stable version (K18).
    /// </summary>
    public bool MovedByHand { get; set; }
}

/// <summary>Somebody who may publish a package and change it.</summary>
internal sealed class Maintainer
{
    public long PackageId { get; set; }

    public required string UserId { get; set; }

    public required string UserName { get; set; }

    public string? Email { get; set; }
}

/// <summary>That somebody likes a package, as npm's <c>star</c> says it.</summary>
internal sealed class Star
{
    public long PackageId { get; set; }

    public required string UserId { get; set; }

    public required string UserName { get; set; }

    public DateTimeOffset StarredAt { get; set; }
}

/// <summary>What a team was given: a package to read, or to write too.</summary>
internal sealed class Grant
{
    public long PackageId { get; set; }

    /// <summary>The scope of the team's organisation.</summary>
    public required string Scope { get; set; }

    /// <summary>The team's name. A team that is gone keeps its row, and its id is never given out again.</summary>
    public required string Team { get; set; }

    public required string TeamId { get; set; }

    public bool CanWrite { get; set; }
}

/// <summary>A version that was removed. Its number is never given out again, and its digest is remembered.</summary>
internal sealed class Tombstone
{
    public int RepositoryId { get; set; }

    public required string Name { get; set; }

    public required string Version { get; set; }

    public required string Digest { get; set; }

    public DateTimeOffset RemovedAt { get; set; }

    public required string RemovedBy { get; set; }
}
