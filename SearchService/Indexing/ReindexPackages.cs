using System.Collections.Concurrent;

using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;
using Registry.SearchService.Data;
using Registry.SearchService.Index;

namespace Registry.SearchService.Indexing;

/// <summary>
/// Makes an index say of some packages what PackageService says of them. A change only names a package: its document is re-read,
/// so that duplicates, replays and changes in any order come to the same. A document that cannot be read or indexed is tried a
/// few times, then recorded and skipped: the package's next change tries it again.
/// </summary>
internal sealed partial class ReindexPackages(
    PackagesClient packages, ISearchIndex index, IDbContextFactory<SearchDbContext> contexts, SearchMetrics metrics, TimeProvider clock, ILogger<ReindexPackages> logger)
{
    private const int MostAttempts = 5;
    private const int LongestReason = 500;

    private readonly ConcurrentDictionary<(string Repository, string Package), int> _unreadable = new();

    /// <summary>Deals with a page of changes.</summary>
    /// <param name="role">The index.</param>
    /// <param name="changes">What changed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ExecuteAsync(IndexRole role, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var changed = changes
            .GroupBy(change => (change.Repository, change.Package))
            .Select(group => IndexWrite.Remove(group.Key.Repository, group.Key.Package, group.Max(change => change.Position)));
        foreach (var removals in changed.Chunk(SearchDocumentsRequest.Most))
        {
            var read = await packages.ReadAsync([.. removals.Select(removal => new PackageKey(removal.Repository, removal.Package))], cancellationToken);
            await WriteAsync(role, [.. removals.Zip(read, WriteOf)], cancellationToken);
        }

        _unreadable.Clear();
    }

    private (IndexWrite Write, string? Unreadable) WriteOf(IndexWrite removal, DocumentRead read) =>
        read switch
        {
            DocumentRead.Found { Document: { Removed: false, Version: not null } document } => (IndexWrite.Put(document), null),

            // A package without a latest version has nothing to show; its next version brings it back.
            DocumentRead.Found { Document: var gone } => (removal with { Revision = gone.Revision }, null),
            DocumentRead.Unreadable { Reason: var reason } => (removal, Skip(removal.Repository, removal.Package, reason)),
            _ => (removal, null),
        };

    /// <summary>Fails the page, so that it comes again, until the document has been unreadable often enough to be skipped.</summary>
    private string Skip(string repository, string package, string reason) =>
        _unreadable.AddOrUpdate((repository, package), 1, static (_, times) => times + 1) >= MostAttempts
            ? reason
            : throw new InvalidDataException($"The search document of {package} in {repository} cannot be read: {reason}");

    private async Task WriteAsync(IndexRole role, (IndexWrite Write, string? Unreadable)[] read, CancellationToken cancellationToken)
    {
        var writes = read.Where(one => one.Unreadable is null).Select(one => one.Write).ToList();
        var outcomes = await index.WriteAsync(role, writes, cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var (write, unreadable) in read.Where(one => one.Unreadable is not null))
        {
            await RefuseAsync(db, write, unreadable!, cancellationToken);
        }

        foreach (var (write, outcome) in writes.Zip(outcomes))
        {
            metrics.Indexed(index.Engine, outcome);
            if (outcome is IndexOutcome.Refused { Reason: var reason })
            {
                await RefuseAsync(db, write, reason, cancellationToken);
            }
        }

        var taken = writes.Zip(outcomes).Where(one => one.Second is IndexOutcome.Applied).Select(one => one.First).ToList();
        await db.ForgetRefusedAsync([.. taken.Select(write => Storable(write.Repository))], [.. taken.Select(write => Storable(write.Package))], cancellationToken);
    }

    private async Task RefuseAsync(SearchDbContext db, IndexWrite write, string reason, CancellationToken cancellationToken)
    {
        LogRefused(write.Package, write.Repository, write.Revision, reason);
        await db.RecordRefusedAsync(
            new RefusedRow
            {
                Repository = Storable(write.Repository),
                Package = Storable(write.Package),
                Revision = write.Revision,
                Reason = Storable(reason),
                RefusedAt = clock.GetUtcNow(),
            },
            cancellationToken);
    }

    private static string Storable(string text)
    {
        var cut = text.Length <= LongestReason ? text : text[..LongestReason];
        return string.Concat(cut.EnumerateRunes().Where(rune => !System.Text.Rune.IsControl(rune)));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Package {PackageName} in {Repository} was not indexed at revision {Revision} and is skipped: {Reason}")]
    private partial void LogRefused(string packageName, string repository, long revision, string reason);
}
