using Microsoft.EntityFrameworkCore;

using Registry.Messaging.Changes;

namespace Registry.SearchService.Data;

/// <summary>The SQL of following the feed of changes.</summary>
internal static class FeedQueries
{
    private const string Changes = "changes";

    /// <summary>Where indexing stands; null before it ever began.</summary>
    public static async Task<ChangesPosition?> ReadPositionAsync(this SearchDbContext db, CancellationToken cancellationToken) =>
        await db.Positions.AsNoTracking().SingleOrDefaultAsync(position => position.Feed == Changes, cancellationToken) is { } row
            ? new ChangesPosition(row.Epoch, row.Position)
            : null;

    /// <summary>The same, locked until the transaction ends, so that one process alone changes feeds.</summary>
    public static async Task<ChangesPosition?> LockPositionAsync(this SearchDbContext db, CancellationToken cancellationToken)
    {
        var rows = await db.Positions.FromSql($"SELECT * FROM positions WHERE feed = {Changes} FOR UPDATE").AsNoTracking().ToListAsync(cancellationToken);
        return rows is [var row] ? new ChangesPosition(row.Epoch, row.Position) : null;
    }

    /// <summary>Saves a position. It never moves backwards, and one of another feed than the saved one changes nothing.</summary>
    public static Task SavePositionAsync(this SearchDbContext db, Guid epoch, long position, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO positions AS known (feed, epoch, position) VALUES ({Changes}, {epoch}, {position})
            ON CONFLICT (feed) DO UPDATE SET position = greatest(known.position, excluded.position)
            WHERE known.epoch = excluded.epoch
            """,
            cancellationToken);

    /// <summary>Begins another feed.</summary>
    public static Task BeginFeedAsync(this SearchDbContext db, Guid epoch, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO positions (feed, epoch, position) VALUES ({Changes}, {epoch}, 0)
            ON CONFLICT (feed) DO UPDATE SET epoch = excluded.epoch, position = 0
            """,
            cancellationToken);

    /// <summary>Keeps note of a document that was skipped.</summary>
    public static Task RecordRefusedAsync(this SearchDbContext db, RefusedRow refused, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO refused (repository, package, revision, reason, refused_at)
            VALUES ({refused.Repository}, {refused.Package}, {refused.Revision}, {refused.Reason}, {refused.RefusedAt})
            ON CONFLICT (repository, package) DO UPDATE SET
                revision = excluded.revision, reason = excluded.reason, refused_at = excluded.refused_at
            """,
            cancellationToken);

    /// <summary>Drops the note: the package's document was taken.</summary>
    public static Task ForgetRefusedAsync(this SearchDbContext db, string repository, string package, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"DELETE FROM refused WHERE repository = {repository} AND package = {package}", cancellationToken);
}
