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
}

/// <summary>The feed's identity: the one row of <c>feed_epoch</c>, made by the migration. A restore replaces it.</summary>
internal sealed class FeedEpoch
{
    public bool Single { get; set; } = true;

    public Guid Epoch { get; set; }
}
