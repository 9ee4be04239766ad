using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Features.Changes;

/// <summary>What of the feed is wanted.</summary>
/// <param name="Since">After this position; null: after the last.</param>
/// <param name="Limit">At most so many packages.</param>
/// <param name="IsBackwards">The last change first.</param>
internal sealed record FeedQuery(long? Since, int Limit, bool IsBackwards);

/// <summary>A package that changed.</summary>
/// <param name="Position">Its last change.</param>
/// <param name="Package">Its name.</param>
/// <param name="Rev">Its revision.</param>
/// <param name="IsDeleted">It is no more, for the one who asks.</param>
internal sealed record FeedEntry(long Position, string Package, string Rev, bool IsDeleted);

/// <summary>Packages that changed, each at its last change, and where to go on.</summary>
internal sealed record FeedPage(IReadOnlyList<FeedEntry> Entries, long LastPosition);

/// <summary>
/// The feed as mirrors follow it: a package is in it once, at its last change, as in CouchDB. One that the caller may not read is not, but if
/// everyone could read it once: then it is deleted, where that ended.
/// </summary>
internal sealed class ReadFeed(PackageDbContext db, PackageAccess access)
{
    private const int RowsAtATime = 2000;
    private const int MostReads = 50; // a page of what nobody may see ends too

    /// <summary>Reads a page.</summary>
    /// <returns>Null when the repository does not exist, or not for the caller.</returns>
    public async Task<(FeedPage? Page, long Head)> ExecuteAsync(string repository, Caller caller, FeedQuery query, CancellationToken cancellationToken)
    {
        var head = await db.ChangesHeadAsync(cancellationToken);
        var home = await db.FindRepositoryAsync(repository, cancellationToken);
        return home is null || (home.ReadAccess == ReadAccess.SignedIn && !caller.IsSignedIn())
            ? (null, head)
            : (await ReadAsync(repository, caller, query with { Since = query.Since ?? head }, head, cancellationToken), head);
    }

    private async Task<FeedPage> ReadAsync(string repository, Caller caller, FeedQuery query, long head, CancellationToken cancellationToken)
    {
        var (entries, after, upTo) = (new List<FeedEntry>(), query.Since!.Value, head);
        for (var i = 0; i < MostReads; i++)
        {
            var rows = await db.FeedRowsAsync(repository, (after, upTo), (query.IsBackwards, RowsAtATime), cancellationToken);
            entries.AddRange(await VisibleAsync(repository, caller, rows, cancellationToken));
            if (entries.Count >= query.Limit)
            {
                return new FeedPage(entries[..query.Limit], entries[query.Limit - 1].Position);
            }

            if (rows.Count < RowsAtATime)
            {
                return new FeedPage(entries, query.IsBackwards ? query.Since.Value : head);
            }

            (after, upTo) = query.IsBackwards ? (after, rows[^1].Position - 1) : (rows[^1].Position, upTo);
        }

        return new FeedPage(entries, query.IsBackwards ? upTo : after);
    }

    private async Task<IEnumerable<FeedEntry>> VisibleAsync(string repository, Caller caller, List<FeedRow> rows, CancellationToken cancellationToken)
    {
        var readable = await access.FindReadableAsync(repository, [.. rows.Select(static row => row.Package).Distinct()], caller, cancellationToken);
        return rows.Select(row => EntryOf(row, readable.GetValueOrDefault(row.Package))).OfType<FeedEntry>();
    }

    private static FeedEntry? EntryOf(FeedRow row, ReadablePackage? readable) =>
        readable is null
            ? row.EndsPublic ? new FeedEntry(row.Position, row.Package, RevOfDeleted(row), IsDeleted: true) : null
        : readable.Package.Revision == row.Position ? new FeedEntry(row.Position, row.Package, readable.Package.Rev, IsDeleted: false)
        : null; // it changed again, and is there

    /// <summary>Looks like any other, and stands for no document.</summary>
    private static string RevOfDeleted(FeedRow row)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{row.Package}:{row.Position}")));
        return string.Create(CultureInfo.InvariantCulture, $"{row.Position}-{Convert.ToHexStringLower(hash.AsSpan(0, 16))}");
    }
}
