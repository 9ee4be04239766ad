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
        Saved.Enqueue(position);
        return Task.CompletedTask;
    }

    public Task<ChangesPosition?> ResetAsync(Guid epoch, CancellationToken cancellationToken)
    {
        Resets.Enqueue(epoch);
        return Task.FromResult<ChangesPosition?>(new ChangesPosition(epoch, 0));
    }
}
