using Microsoft.EntityFrameworkCore;

namespace Registry.Messaging;

/// <summary>
/// The outbox's SQL. Each method is one statement, hence one short transaction; times are the database's, so that
/// processes with different clocks agree about leases.
/// </summary>
internal static class OutboxQueries
{
    /// <summary>
    /// Takes the oldest rows nobody holds, for the length of the lease. Rows another dispatcher is just taking are skipped
    /// instead of waited for. A row never tried is due whatever its writer's clock said; one that failed stands behind those
    /// that wait since before its next turn, so it cannot hold them up.
    /// </summary>
    public static async Task<IReadOnlyList<OutboxMessage>> LeaseAsync(
        this DbContext db, int limit, TimeSpan lease, CancellationToken cancellationToken)
    {
        var rows = await db.Set<OutboxMessage>()
            .FromSql($"""
                WITH due AS MATERIALIZED (
                    SELECT id FROM outbox
                    WHERE (attempts = 0 OR due_at <= now()) AND (leased_until IS NULL OR leased_until < now())
                    ORDER BY due_at, id LIMIT {limit}
                    FOR UPDATE SKIP LOCKED)
                UPDATE outbox SET leased_until = now() + {lease}
                FROM due WHERE outbox.id = due.id
                RETURNING outbox.id, outbox.type, outbox.body, outbox.occurred_at, outbox.trace_parent, outbox.attempts, outbox.due_at, outbox.leased_until
                """)
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        rows.Sort(static (one, other) => (one.DueAt, one.Id).CompareTo((other.DueAt, other.Id)));
        return rows;
    }

    /// <summary>Removes rows that were sent.</summary>
    public static Task RemoveSentAsync(this DbContext db, long[] ids, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"DELETE FROM outbox WHERE id = ANY({ids})", cancellationToken);

    /// <summary>Gives rows back untried.</summary>
    public static Task ReturnAsync(this DbContext db, long[] ids, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"UPDATE outbox SET leased_until = NULL WHERE id = ANY({ids})", cancellationToken);

    /// <summary>Gives back a row that could not be sent, not to be tried before the wait is over.</summary>
    public static Task PostponeAsync(this DbContext db, long id, TimeSpan wait, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"UPDATE outbox SET attempts = attempts + 1, due_at = now() + {wait}, leased_until = NULL WHERE id = {id}",
            cancellationToken);

    /// <summary>Removes rows where there is no broker to send them to.</summary>
    /// <returns>How many.</returns>
    public static Task<int> DiscardAsync(this DbContext db, int limit, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT {limit} FOR UPDATE SKIP LOCKED)",
            cancellationToken);

    /// <summary>How many rows wait (counted up to 100,000), and for how many seconds the oldest does.</summary>
    public static async Task<OutboxBacklog> MeasureAsync(this DbContext db, CancellationToken cancellationToken)
    {
        var rows = await db.Database
            .SqlQuery<OutboxBacklog>($"""
                SELECT count(*) AS "Pending",
                       coalesce(extract(epoch FROM now() - min(occurred_at)), 0)::float8 AS "LagSeconds"
                FROM (SELECT occurred_at FROM outbox ORDER BY id LIMIT 100000) AS waiting
                """)
            .ToListAsync(cancellationToken);
        return rows[0];
    }
}

/// <summary>What waits in an outbox.</summary>
internal sealed record OutboxBacklog(long Pending, double LagSeconds);
