using Microsoft.EntityFrameworkCore;

using Registry.SearchService.Data;
using Registry.SearchService.Index;

namespace Registry.SearchService.Features.Rebuild;

/// <summary>
/// The state of the engine's rebuild in the search database: it outlives the process that works on it. A process holds it for a
/// short while at a time; one that is killed loses it, and another goes on. Two at once would be slower, not wrong.
/// </summary>
internal sealed class RebuildLedger(ISearchIndex index, IDbContextFactory<SearchDbContext> contexts, TimeProvider clock)
{
    private static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(15);

    private readonly Guid _worker = Guid.CreateVersion7();

    /// <summary>Begins a rebuild unless one goes on.</summary>
    public Task BeginAsync(CancellationToken cancellationToken) => WithAsync(db => db.BeginRebuildAsync(index.Engine, clock.GetUtcNow(), cancellationToken), cancellationToken);

    /// <summary>Takes the rebuild that goes on, or keeps it for another while.</summary>
    /// <returns>Whether there is one and it is ours.</returns>
    public Task<bool> TakeAsync(CancellationToken cancellationToken) =>
        WithAsync(db => db.TakeRebuildAsync(index.Engine, _worker, clock.GetUtcNow(), clock.GetUtcNow() + HeldFor, cancellationToken), cancellationToken);

    /// <summary>Lets it go, if it is ours.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) =>
        WithAsync(db => db.ReleaseRebuildAsync(index.Engine, _worker, cancellationToken), cancellationToken);

    /// <summary>What is known of it.</summary>
    public Task<EngineRow?> ReadAsync(CancellationToken cancellationToken) => WithAsync(db => db.ReadEngineAsync(index.Engine, cancellationToken), cancellationToken);

    /// <summary>Says how far it is.</summary>
    public Task NoteAsync(string phase, string? message, CancellationToken cancellationToken) =>
        WithAsync(db => db.NoteRebuildAsync(index.Engine, _worker, phase, message, cancellationToken), cancellationToken);

    /// <summary>Ends it.</summary>
    public Task EndAsync(string phase, string? message, CancellationToken cancellationToken) =>
        WithAsync(db => db.EndRebuildAsync(index.Engine, _worker, phase, message, clock.GetUtcNow(), cancellationToken), cancellationToken);

    private async Task<T> WithAsync<T>(Func<SearchDbContext, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await work(db);
    }
}
