using Microsoft.EntityFrameworkCore;

using Registry.Messaging.Changes;

namespace Registry.SearchService.Data;

/// <summary>The SQL of following the feed of changes: where each index stands in it, and what was skipped.</summary>
internal static class FeedQueries
{
    /// <summary>Where an index stands; null when it is none of ours.</summary>
    public static async Task<ChangesPosition?> ReadPositionAsync(this SearchDbContext db, Guid identity, CancellationToken cancellationToken) =>
        await db.Indexes.AsNoTracking().SingleOrDefaultAsync(index => index.Identity == identity, cancellationToken) is { } row
            ? new ChangesPosition(row.Epoch, row.Position)
            : null;

    /// <summary>What is kept of documents in an index; null when it is none of ours.</summary>
    public static async Task<int?> ReadLayoutAsync(this SearchDbContext db, Guid identity, CancellationToken cancellationToken) =>
        (await db.Indexes.AsNoTracking().SingleOrDefaultAsync(index => index.Identity == identity, cancellationToken))?.Layout;

    /// <summary>Keeps note of an index before it is made, so that one made just before a crash is known to be ours.</summary>
    public static Task AddIndexAsync(this SearchDbContext db, IndexRow index, CancellationToken cancellationToken)
    {
        db.Indexes.Add(index);
        return db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Forgets the indexes of an engine that are in no role any more.</summary>
    public static Task ForgetIndexesAsync(this SearchDbContext db, string engine, Guid[] kept, CancellationToken cancellationToken) =>
        db.Indexes.Where(index => index.Engine == engine && !kept.Contains(index.Identity)).ExecuteDeleteAsync(cancellationToken);

    /// <summary>
    /// Moves an index's position from one place to a later one. Where somebody else has moved it further it stays there; an index
    /// that stands before <paramref name="from"/>, in another feed, or is not known any more was replaced: nothing changes.
    /// </summary>
    /// <returns>Whether what lies between is known to be in the index.</returns>
    public static async Task<bool> SavePositionAsync(
        this SearchDbContext db, Guid identity, long from, ChangesPosition to, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE indexes SET epoch = {to.Epoch}, position = greatest(position, {to.Position})
            WHERE identity = {identity} AND position >= {from} AND (epoch IS NULL OR epoch = {to.Epoch})
            """,
            cancellationToken) == 1;

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

    /// <summary>Drops the notes about packages whose documents were taken.</summary>
    public static Task ForgetRefusedAsync(this SearchDbContext db, string[] repositories, string[] packages, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM refused WHERE (repository, package) IN (SELECT * FROM unnest({repositories}, {packages}))
            """,
            cancellationToken);

    /// <summary>Drops all notes: an empty index is filled anew.</summary>
    public static Task ForgetAllRefusedAsync(this SearchDbContext db, CancellationToken cancellationToken) =>
        db.Refused.ExecuteDeleteAsync(cancellationToken);
}
