using Registry.Contracts.Http.Packages;

namespace Registry.Messaging.Changes;

/// <summary>A place in the feed of changes.</summary>
/// <param name="Epoch">The feed it belongs to; null when none was seen yet.</param>
/// <param name="Position">The last position dealt with; 0 before the first.</param>
public readonly record struct ChangesPosition(Guid? Epoch, long Position)
{
    /// <summary>Before the first change of whatever feed there is.</summary>
    public static ChangesPosition Start => default;
}

/// <summary>
/// What a follower does with the changes it reads, and where it keeps its position. Calls come one at a time. A change may
/// come again (after a crash, or where several processes keep one position): handling it twice must be harmless. An
/// exception leaves the position where it was, and the same changes come again after a wait.
/// </summary>
public interface IChangesHandler
{
    /// <summary>Where to go on, asked once per process and after a <see cref="PositionMovedException"/>; null means at the head, as of before this process knew anything.</summary>
    Task<ChangesPosition?> LoadPositionAsync(CancellationToken cancellationToken);

    /// <summary>Sees what each page says beside its changes, before they are dealt with.</summary>
    void See(ChangesPage page)
    {
        // Most handlers derive from changes alone.
    }

    /// <summary>Deals with at most 500 changes, oldest first.</summary>
    Task ApplyAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken);

    /// <summary>Everything up to here was dealt with.</summary>
    /// <exception cref="PositionMovedException">What the changes were applied to is not in use any more.</exception>
    Task SavePositionAsync(ChangesPosition position, CancellationToken cancellationToken);

    /// <summary>The feed is another one (a restored database): forget what was derived from the old.</summary>
    /// <param name="epoch">The new feed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Where to go on in it; null means at its head.</returns>
    Task<ChangesPosition?> ResetAsync(Guid epoch, CancellationToken cancellationToken);
}

/// <summary>The place a follower remembers is not the one its handler keeps any more: it asks again where to go on.</summary>
public sealed class PositionMovedException : Exception
{
    /// <summary>With a sentence of its own.</summary>
    public PositionMovedException()
        : base("What was followed was replaced; going on from where the new one stands.")
    {
    }

    /// <summary>With this sentence.</summary>
    public PositionMovedException(string message)
        : base(message)
    {
    }

    /// <summary>With this sentence and what led to it.</summary>
    public PositionMovedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
