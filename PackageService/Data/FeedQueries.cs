using Microsoft.EntityFrameworkCore;

using Npgsql;

using Registry.Contracts.Http.Packages;
using Registry.Messaging;
using Registry.ServiceDefaults.Databases;

namespace Registry.PackageService.Data;

/// <summary>What the feed is asked.</summary>
internal static class FeedQueries
{
    /// <summary>The last position; 0 while nothing has changed.</summary>
    public static async Task<long> ChangesHeadAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        await db.Changes.MaxAsync(c => (long?)c.Position, cancellationToken) ?? 0;

    /// <summary>
    /// Adds a change to the feed, gives its package the position as its revision, and puts the event into the outbox with it: one statement that
    /// takes the lock before it draws the position (see <see cref="ChangeLog"/>), since a default is computed for a row of the lock's.
    /// </summary>
    /// <returns>The position.</returns>
    public static async Task<long> AppendChangeAsync(
        this PackageDbContext db, ChangeRow change, long packageId, OutboxMessage message, CancellationToken cancellationToken)
    {
        var (kind, detail) = (FeedConfiguration.TextOf(change.Kind), FeedConfiguration.TextOf(change.Detail));
        var positions = await db.ReadAsync(
            $"""
            WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock({ChangeLog.LockKey})),
            appended AS (
                INSERT INTO changes (event_id, occurred_at, repository, package, kind, version, detail, is_public)
                SELECT {change.EventId}, {change.OccurredAt}, {change.Repository}, {change.Package}, {kind}, {change.Version}::text, {detail}::jsonb, {change.IsPublic}
                FROM locked
                RETURNING position),
            revised AS (
                UPDATE packages SET revision = appended.position, modified_at = greatest(modified_at, {change.OccurredAt})
                FROM appended WHERE id = {packageId}),
            announced AS (
                INSERT INTO outbox (type, body, occurred_at, due_at, trace_parent, attempts)
                SELECT {message.Type}, jsonb_set({message.Body}::jsonb, ARRAY['revision'], to_jsonb(position)), {message.OccurredAt}, {message.DueAt}, {message.TraceParent}::text, 0
                FROM appended)
            SELECT position FROM appended
            """,
            static row => row.GetInt64(0),
            cancellationToken);
        return positions[0];
    }

    /// <summary>
    /// What the feed says after a position. The head is read with the changes: a page without any is then at the head, whatever is
    /// committed in between.
    /// </summary>
    public static async Task<(Guid Epoch, long Head, List<Change> Changes)> ReadChangesAsync(
        this PackageDbContext db, long after, int limit, CancellationToken cancellationToken)
    {
        var rows = await db.ReadAsync(
            $"""
            SELECT e.epoch, (SELECT coalesce(max(position), 0) FROM changes), c.position, c.occurred_at, c.repository, c.package, c.kind, c.version
            FROM feed_epoch e
            LEFT JOIN LATERAL (SELECT * FROM changes WHERE position > {after} ORDER BY position LIMIT {limit}) c ON true
            ORDER BY c.position
            """,
            static row => (Epoch: row.GetGuid(0), Head: row.GetInt64(1), Change: row.IsDBNull(2) ? null : ReadChange(row)),
            cancellationToken);
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

    private static Change ReadChange(NpgsqlDataReader row) => new(
        row.GetInt64(2),
        row.GetFieldValue<DateTimeOffset>(3),
        row.GetString(4),
        row.GetString(5),
        PackageChangeKindConverter.Parse(row.GetString(6)),
        row.TextOf(7));
}

/// <summary>A change as mirrors need it.</summary>
/// <param name="Position">Its place.</param>
/// <param name="Package">The package.</param>
/// <param name="EndsPublic">The package was public until then, and never after: who may not read it is told that it is gone, and nothing since.</param>
internal sealed record FeedRow(long Position, string Package, bool EndsPublic);
