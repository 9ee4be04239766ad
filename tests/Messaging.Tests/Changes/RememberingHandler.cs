using System.Collections.Concurrent;

using Registry.Contracts.Http.Packages;
using Registry.Messaging.Changes;

namespace Registry.Messaging.Tests.Changes;

/// <summary>Keeps what it was handed, and its position, in memory; fails as often as it is told to.</summary>
internal sealed class RememberingHandler : IChangesHandler
{
    public ChangesPosition? Begins { get; set; } = ChangesPosition.Start;

    public ConcurrentQueue<long> Applied { get; } = new();

    public ConcurrentQueue<ChangesPosition> Saved { get; } = new();

    public ConcurrentQueue<Guid> Resets { get; } = new();

    /// <summary>Where the position turns out to be at the next attempt to save one.</summary>
    public ChangesPosition? MovesTo { get; set; }

    public int FailuresToCome { get; set; }

    public Task<ChangesPosition?> LoadPositionAsync(CancellationToken cancellationToken) => Task.FromResult(Begins);

    public Task ApplyAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        if (FailuresToCome > 0)
        {
            FailuresToCome--;
            throw new IOException("Told to fail.");
        }

        foreach (var change in changes)
        {
            Applied.Enqueue(change.Position);
        }

        return Task.CompletedTask;
    }

    public Task SavePositionAsync(ChangesPosition position, CancellationToken cancellationToken)
    {
        if (MovesTo is { } moved)
        {
            (Begins, MovesTo) = (moved, null);
            throw new PositionMovedException();
        }

        Saved.Enqueue(position);
        return Task.CompletedTask;
    }

    public Task<ChangesPosition?> ResetAsync(Guid epoch, CancellationToken cancellationToken)
    {
        Resets.Enqueue(epoch);
        return Task.FromResult<ChangesPosition?>(new ChangesPosition(epoch, 0));
    }
}
