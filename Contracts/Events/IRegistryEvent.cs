namespace Registry.Contracts.Events;

/// <summary>
/// Something that has happened, told to whoever listens. An event is a wake-up: it carries identity and revision, and a
/// consumer re-reads the source of truth instead of applying it. The members follow the CloudEvents attributes id and time.
/// </summary>
public interface IRegistryEvent
{
    /// <summary>Identifies this occurrence; a redelivery carries the same value.</summary>
    Guid EventId { get; }

    /// <summary>When it happened, UTC.</summary>
    DateTimeOffset OccurredAt { get; }
}
