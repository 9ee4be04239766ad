using Registry.Contracts.Http.Packages;
using Registry.Messaging.Changes;
using Registry.SearchService.Data;
using Registry.SearchService.Index;

namespace Registry.SearchService.Indexing;

/// <summary>
/// Keeps the index in step with the feed: each changed package is re-read and written as it is now, whatever the change
/// was. What arrives twice, late or out of order is sorted out by revision.
/// </summary>
internal sealed partial class IndexChanges(
    PackagesClient packages, ISearchIndex index, FeedPositions positions, ILogger<IndexChanges> logger) : IChangesHandler
{
    private const int AtOnce = 8;

    public async Task<ChangesPosition?> LoadPositionAsync(CancellationToken cancellationToken) =>
        await positions.LoadAsync(cancellationToken) is var (epoch, position) ? new ChangesPosition(epoch, position) : ChangesPosition.Start;

    public Task ApplyAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            changes.Select(change => (change.Repository, change.Package)).Distinct(),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (changed, token) => await IndexAsync(changed.Repository, changed.Package, token));

    public Task SavePositionAsync(ChangesPosition position, CancellationToken cancellationToken) =>
        position.Epoch is { } epoch ? positions.SaveAsync(epoch, position.Position, cancellationToken) : Task.CompletedTask;

    public async Task<ChangesPosition?> ResetAsync(Guid epoch, CancellationToken cancellationToken)
    {
        await index.ClearAsync(cancellationToken);
        await positions.SaveAsync(epoch, 0, cancellationToken);
        return new ChangesPosition(epoch, 0);
    }

    private async Task IndexAsync(string repository, string package, CancellationToken cancellationToken)
    {
        if (await packages.ReadAsync(repository, package, cancellationToken) is not { } document)
        {
            return;
        }

        try
        {
            _ = document.Removed
                ? await index.RemoveAsync(repository, package, document.Revision, cancellationToken)
                : await index.PutAsync(document, cancellationToken);
        }
        catch (DocumentRefusedException refused)
        {
            // One document that the engine cannot hold must not keep all later ones out.
            LogRefused(refused, package, document.Revision);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The search index refuses {PackageName} at revision {Revision}; it cannot be found until it changes")]
    private partial void LogRefused(Exception refused, string packageName, long revision);
}
