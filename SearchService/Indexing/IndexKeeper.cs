using Microsoft.EntityFrameworkCore;

using Registry.Messaging.Changes;
using Registry.SearchService.Data;
using Registry.SearchService.Index;

namespace Registry.SearchService.Indexing;

/// <summary>
/// Knows which indexes there are and where each stands in the feed. The engine says which index is in use; a row under the
/// identity that index carries says what is in it. So an engine that comes back without its data, or with another index, is never
/// taken for a filled one. Several processes share the engine and the database: whoever makes, replaces or switches an index
/// holds a lock in the database.
/// </summary>
internal sealed partial class IndexKeeper(
    ISearchIndex index, IDbContextFactory<SearchDbContext> contexts, TimeProvider clock, ILogger<IndexKeeper> logger)
{
    /// <summary>The index in a role and where it stands; made when it is missing.</summary>
    /// <exception cref="ForeignIndexException">The index in use is none of this database's.</exception>
    /// <exception cref="TimeoutException">The engine is away.</exception>
    public async Task<StandingIndex> OpenAsync(IndexRole role, CancellationToken cancellationToken) =>
        await FindAsync(role, cancellationToken) ?? await LockedAsync(async () =>
            await FindAsync(role, cancellationToken) ?? await MakeAsync(role, null, cancellationToken), cancellationToken);

    /// <summary>An empty index for another feed takes the place of the one in use, unless another process saw to that.</summary>
    public Task<StandingIndex> ReplaceAsync(Guid epoch, CancellationToken cancellationToken) =>
        LockedAsync(
            async () => await FindAsync(IndexRole.Live, cancellationToken) is { } known && known.Position.Epoch == epoch
                ? known
                : await MakeAsync(IndexRole.Live, epoch, cancellationToken),
            cancellationToken);

    /// <summary>An empty index to build takes the place of whatever was being built.</summary>
    public Task<StandingIndex> BeginNextAsync(CancellationToken cancellationToken) =>
        LockedAsync(() => MakeAsync(IndexRole.Next, null, cancellationToken), cancellationToken);

    /// <summary>The index in a role and where it stands; null when there is none, or one being built that is not known.</summary>
    /// <exception cref="ForeignIndexException">The index in use is none of this database's.</exception>
    public async Task<StandingIndex?> FindAsync(IndexRole role, CancellationToken cancellationToken)
    {
        if (await index.FindAsync(role, cancellationToken) is not { } identity)
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var position = await db.ReadPositionAsync(identity, cancellationToken);
        return position is { } known ? new StandingIndex(identity, known)
            : role == IndexRole.Next ? null
            : throw new ForeignIndexException();
    }

    /// <summary>Whether an index was filled by a version that kept other things of documents.</summary>
    public async Task<bool> IsOutdatedAsync(Guid identity, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ReadLayoutAsync(identity, cancellationToken) < IndexedDocument.Layout;
    }

    /// <summary>Begins to build another index beside one that was filled by a version that kept other things of documents.</summary>
    public async Task ReplaceOutdatedAsync(StandingIndex standing, CancellationToken cancellationToken)
    {
        if (await IsOutdatedAsync(standing.Identity, cancellationToken))
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            if (await db.BeginRebuildAsync(index.Engine, clock.GetUtcNow(), cancellationToken))
            {
                LogOutdated(index.Engine, standing.Identity);
            }
        }
    }

    /// <summary>Everything between where it stood and a later position is in the index.</summary>
    /// <returns>The index where it stands now; null when it was replaced.</returns>
    public async Task<StandingIndex?> AdvanceAsync(StandingIndex standing, ChangesPosition to, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.SavePositionAsync(standing.Identity, standing.Position.Position, to, cancellationToken) ? standing with { Position = to } : null;
    }

    /// <summary>The index that was built becomes the one in use.</summary>
    /// <returns>False when what was built is not there any more.</returns>
    public Task<bool> SwitchAsync(Guid built, CancellationToken cancellationToken) =>
        LockedAsync(
            async () =>
            {
                if (await index.FindAsync(IndexRole.Next, cancellationToken) == built)
                {
                    await index.SwitchAsync(cancellationToken);
                    LogSwitched(index.Engine, built);
                }

                await ForgetAsync(cancellationToken);
                return await index.FindAsync(IndexRole.Live, cancellationToken) == built;
            },
            cancellationToken);

    private async Task<StandingIndex> MakeAsync(IndexRole role, Guid? epoch, CancellationToken cancellationToken)
    {
        var row = new IndexRow { Identity = Guid.CreateVersion7(), Engine = index.Engine, Epoch = epoch, CreatedAt = clock.GetUtcNow(), Layout = IndexedDocument.Layout };
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            await db.AddIndexAsync(row, cancellationToken);
            if (role == IndexRole.Next)
            {
                await db.NameBuiltAsync(index.Engine, row.Identity, cancellationToken);
            }
            else
            {
                await db.ForgetAllRefusedAsync(cancellationToken);
            }
        }

        await index.CreateAsync(role, row.Identity, cancellationToken);
        LogMade(index.Engine, role, row.Identity);
        await ForgetAsync(cancellationToken);
        return new StandingIndex(row.Identity, new ChangesPosition(epoch, 0));
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        Guid?[] kept = [await index.FindAsync(IndexRole.Live, cancellationToken), await index.FindAsync(IndexRole.Next, cancellationToken)];
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.ForgetIndexesAsync(index.Engine, [.. kept.OfType<Guid>()], cancellationToken);
    }

    private async Task<T> LockedAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockEngineAsync(index.Engine, cancellationToken);
        var done = await work();
        await transaction.CommitAsync(cancellationToken);
        return done;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An empty {Engine} index took the role {Role} (identity {Identity}); it is filled from the feed of changes")]
    private partial void LogMade(string engine, IndexRole role, Guid identity);

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Engine} index {Identity} was filled by an earlier version and is rebuilt")]
    private partial void LogOutdated(string engine, Guid identity);

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Engine} index {Identity} is in use now")]
    private partial void LogSwitched(string engine, Guid identity);
}

/// <summary>An index and where it stands in the feed.</summary>
internal sealed record StandingIndex(Guid Identity, ChangesPosition Position);

/// <summary>The index in use is none this database knows: writing to it could mix two registries, or trust what nobody filled.</summary>
internal sealed class ForeignIndexException()
    : Exception("The search index belongs to another search database: give each registry its own Search:Elasticsearch:Prefix, or delete the indexes under that prefix if their database is gone.");
