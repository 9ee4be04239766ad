using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;

namespace Registry.PackageService.Data;

/// <summary>What the feed is asked.</summary>
internal static class FeedQueries
{
    /// <summary>The last position; 0 while nothing has changed.</summary>
    public static async Task<long> ChangesHeadAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        await db.Changes.MaxAsync(c => (long?)c.Position, cancellationToken) ?? 0;

    /// <summary>
    /// Adds a change to the feed: one statement that takes the lock before it draws the position (see <see cref="ChangeLog"/>), since a default is
    /// computed for a row of the lock's.
    /// </summary>
    /// <returns>The position.</returns>
    public static async Task<long> AppendChangeAsync(this PackageDbContext db, ChangeRow change, CancellationToken cancellationToken)
    {
        var (kind, detail) = (FeedConfiguration.TextOf(change.Kind), FeedConfiguration.TextOf(change.Detail));
        var positions = await db.Database
            .SqlQuery<long>($"""
                WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock({ChangeLog.LockKey}))
                INSERT INTO changes (event_id, occurred_at, repository, package, kind, version, detail, is_public)
                SELECT {change.EventId}, {change.OccurredAt}, {change.Repository}, {change.Package}, {kind}, {change.Version}, {detail}::jsonb, {change.IsPublic}
                FROM locked
                RETURNING position AS "Value"
                """)
            .ToListAsync(cancellationToken);
        return positions[0];
    }

    /// <summary>
    /// What the feed says after a position. The head is read with the changes: a page without any is then at the head, whatever is
    /// committed in between.
    /// </summary>
    public static async Task<(Guid Epoch, long Head, List<Change> Changes)> ReadChangesAsync(
        this PackageDbContext db, long after, int limit, CancellationToken cancellationToken)
    {
        var rows = await (
            from e in db.FeedEpochs.AsNoTracking()
            from c in db.Changes.AsNoTracking().Where(c => c.Position > after).OrderBy(c => c.Position).Take(limit).DefaultIfEmpty()
            orderby c.Position
            select new
            {
                e.Epoch,
                Head = db.Changes.Max(last => (long?)last.Position) ?? 0,
                Change = c == null ? null : new Change(c.Position, c.OccurredAt, c.Repository, c.Package, c.Kind, c.Version),
            })
            .ToListAsync(cancellationToken);
        return (rows[0].Epoch, rows[0].Head, [.. rows.Select(static row => row.Change).OfType<Change>()]);
    }

    /// <summary>The next changes of a repository, forwards or backwards.</summary>
    /// <param name="db">The database.</param>
    /// <param name="repository">The repository's name.</param>
    /// <param name="positions">After the first, up to the second.</param>
    /// <param name="page">The way to go, and how many changes at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<List<FeedRow>> FeedRowsAsync(
        this PackageDbContext db, string repository, (long After, long UpTo) positions, (bool IsBackwards, int Most) page, CancellationToken cancellationToken)
    {
        var rows = db.Changes.AsNoTracking().Where(c => c.Repository == repository && c.Position > positions.After && c.Position <= positions.UpTo);
        return (page.IsBackwards ? rows.OrderByDescending(c => c.Position) : rows.OrderBy(c => c.Position))
            .Take(page.Most)
            .Select(c => new FeedRow(
                c.Position,
                c.Package,
                !c.IsPublic
                    && db.Changes.Where(d => d.Repository == c.Repository && d.Package == c.Package && d.Position < c.Position)
                        .OrderByDescending(d => d.Position).Select(d => d.IsPublic).FirstOrDefault()
                    && !db.Changes.Any(d => d.Repository == c.Repository && d.Package == c.Package && d.Position > c.Position && d.IsPublic)))
            .ToListAsync(cancellationToken);
    }
}

/// <summary>A change as mirrors need it.</summary>
/// <param name="Position">Its place.</param>
/// <param name="Package">The package.</param>
/// <param name="EndsPublic">The package was public until then, and never after: who may not read it is told that it is gone, and nothing since.</param>
internal sealed record FeedRow(long Position, string Package, bool EndsPublic);
