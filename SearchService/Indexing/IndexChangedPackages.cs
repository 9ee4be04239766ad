using System.Collections.Concurrent;

using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;
using Registry.Messaging.Changes;
using Registry.SearchService.Data;
using Registry.SearchService.Index;

namespace Registry.SearchService.Indexing;

/// <summary>
/// Keeps the index equal to what PackageService says. A change only names a package: its document is re-read, so that
/// duplicates, replays and changes in any order come to the same. A document that cannot be read or indexed is tried a few
/// times, then recorded and skipped: the package's next change tries it again.
/// <para>Another epoch (PackageService's database was restored) clears the index and fills it from the start of the feed: until that
/// is done searches find less, which <c>/health</c> shows as degraded, but never something that is not there.</para>
/// </summary>
internal sealed partial class IndexChangedPackages(
    PackagesClient packages, ISearchIndex index, IDbContextFactory<SearchDbContext> contexts, SearchMetrics metrics, ILogger<IndexChangedPackages> logger)
    : IChangesHandler
{
    private const int AtOnce = 4;
    private const int MostAttempts = 5;
    private const int LongestReason = 500;

    private readonly ConcurrentDictionary<(string Repository, string Package), int> _unreadable = new();

    public async Task<ChangesPosition?> LoadPositionAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ReadPositionAsync(cancellationToken) ?? ChangesPosition.Start;
    }

    public async Task ApplyAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var changed = changes
            .GroupBy(change => (change.Repository, change.Package))
            .Select(group => (group.Key.Repository, group.Key.Package, Revision: group.Max(change => change.Position)));
        await Parallel.ForEachAsync(
            changed,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (package, token) => await IndexAsync(package.Repository, package.Package, package.Revision, token));
        _unreadable.Clear();
    }

    public async Task SavePositionAsync(ChangesPosition position, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.SavePositionAsync(position.Epoch!.Value, position.Position, cancellationToken);
    }

    public async Task<ChangesPosition?> ResetAsync(Guid epoch, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockPositionAsync(cancellationToken) is { } known && known.Epoch == epoch)
        {
            return known; // another replica saw it first
        }

        await index.ClearAsync(cancellationToken);
        await db.BeginFeedAsync(epoch, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ChangesPosition(epoch, 0);
    }

    private async Task IndexAsync(string repository, string package, long revision, CancellationToken cancellationToken)
    {
        var outcome = await packages.ReadAsync(repository, package, cancellationToken) switch
        {
            DocumentRead.Found { Document: { Removed: false, Version: not null } document } => await index.PutAsync(document, cancellationToken),

            // A package without a latest version has nothing to show; its next version brings it back.
            DocumentRead.Found { Document: var gone } => await index.RemoveAsync(repository, package, gone.Revision, cancellationToken),
            DocumentRead.Unreadable { Reason: var reason } => Refuse(repository, package, reason),
            _ => await index.RemoveAsync(repository, package, revision, cancellationToken),
        };
        await RecordAsync(repository, package, revision, outcome, cancellationToken);
    }

    /// <summary>Fails the page, so that it comes again, until the document has been unreadable often enough to be skipped.</summary>
    private IndexOutcome.Refused Refuse(string repository, string package, string reason) =>
        _unreadable.AddOrUpdate((repository, package), 1, static (_, times) => times + 1) >= MostAttempts
            ? new IndexOutcome.Refused(reason)
            : throw new InvalidDataException($"The search document of {package} in {repository} cannot be read: {reason}");

    private async Task RecordAsync(string repository, string package, long revision, IndexOutcome outcome, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        switch (outcome)
        {
            case IndexOutcome.Refused { Reason: var reason }:
                metrics.Indexed("refused");
                LogRefused(package, repository, revision, reason);
                await db.RecordRefusedAsync(
                    new RefusedRow
                    {
                        Repository = Storable(repository),
                        Package = Storable(package),
                        Revision = revision,
                        Reason = Storable(reason),
                        RefusedAt = TimeProvider.System.GetUtcNow(),
                    },
                    cancellationToken);
                break;
            case IndexOutcome.Applied:
                metrics.Indexed("applied");
                await db.ForgetRefusedAsync(repository, package, cancellationToken);
                break;
            default:
                metrics.Indexed("ignored");
                break;
        }
    }

    private static string Storable(string text)
    {
        var cut = text.Length <= LongestReason ? text : text[..LongestReason];
        return string.Concat(cut.EnumerateRunes().Where(rune => !System.Text.Rune.IsControl(rune)));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Package {PackageName} in {Repository} was not indexed at revision {Revision} and is skipped: {Reason}")]
    private partial void LogRefused(string packageName, string repository, long revision, string reason);
}
