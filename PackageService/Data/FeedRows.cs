using Registry.Contracts.Events;

namespace Registry.PackageService.Data;

/// <summary>A row of <c>changes</c>, the feed every consumer follows.</summary>
internal sealed class ChangeRow
{
    /// <summary>Its place in the feed. Positions become visible in their own order: see <see cref="ChangeLog"/>.</summary>
    public long Position { get; set; }

    /// <summary>Chosen by the process that made the change, which finds out by it whether a commit without a reply took effect.</summary>
    public Guid EventId { get; set; }

    public DateTimeOffset OccurredAt { get; set; }

    public required string Repository { get; set; }

    public required string Package { get; set; }

    public PackageChangeKind Kind { get; set; }

    public string? Version { get; set; }

    /// <summary>What kind and version leave open; null when nothing.</summary>
    public ChangeDetail? Detail { get; set; }

    /// <summary>After it, whoever may read the repository may read the package: others may be told that it was there, and when it is no more.</summary>
    public bool IsPublic { get; set; }
}

/// <summary>What a change was about, beside its kind and version.</summary>
/// <param name="Tag">The dist-tag that was set or removed.</param>
/// <param name="User">The account that was made a maintainer or is none any more, or whose star it was.</param>
/// <param name="Removed">It was taken away (a dist-tag, a maintainer, a star, a deprecation); null when it was given.</param>
internal sealed record ChangeDetail(string? Tag = null, string? User = null, bool? Removed = null);

/// <summary>What happened to a package.</summary>
/// <param name="Kind">What.</param>
/// <param name="Version">The version concerned, if one is.</param>
/// <param name="Detail">What these two leave open.</param>
internal sealed record Happening(PackageChangeKind Kind, string? Version = null, ChangeDetail? Detail = null);

/// <summary>The feed's identity: the one row of <c>feed_epoch</c>, made by the migration. A restore replaces it.</summary>
internal sealed class FeedEpoch
{
    public bool Single { get; set; } = true;

    public Guid Epoch { get; set; }
}
