using Microsoft.EntityFrameworkCore;

namespace Registry.SearchService.Data;

/// <summary>The SQL of an engine's row: the lock around its indexes, and the state of its rebuild.</summary>
internal static class EngineQueries
{
    private const int IndexesOfAnEngine = 0x696E6478; // "indx": class of the advisory locks

    /// <summary>The engine's row.</summary>
    public static Task<EngineRow?> ReadEngineAsync(this SearchDbContext db, string engine, CancellationToken cancellationToken) =>
        db.Engines.AsNoTracking().SingleOrDefaultAsync(row => row.Engine == engine, cancellationToken);

    /// <summary>
    /// Lets one process alone create, replace or switch indexes of an engine, until the transaction ends. Not by its row: that says how
    /// far a rebuild is, which has to be written before an index is made, whatever becomes of this transaction.
    /// </summary>
    public static Task LockEngineAsync(this SearchDbContext db, string engine, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({IndexesOfAnEngine}, hashtext({engine}))", cancellationToken);

    /// <summary>Begins a rebuild unless one is going on.</summary>
    /// <returns>Whether it began.</returns>
    public static async Task<bool> BeginRebuildAsync(this SearchDbContext db, string engine, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"INSERT INTO engines (engine) VALUES ({engine}) ON CONFLICT DO NOTHING", cancellationToken);
        return await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE engines SET phase = {RebuildPhases.Filling}, built = NULL, message = NULL, started_at = {now}, ended_at = NULL, worker = NULL, worker_until = NULL
            WHERE engine = {engine} AND phase NOT IN ({RebuildPhases.Filling}, {RebuildPhases.Comparing})
            """,
            cancellationToken) == 1;
    }

    /// <summary>Takes a rebuild that goes on, or keeps it, until <paramref name="until"/>; another process's goes on undisturbed.</summary>
    /// <returns>Whether it is the worker's.</returns>
    public static async Task<bool> TakeRebuildAsync(
        this SearchDbContext db, string engine, Guid worker, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE engines SET worker = {worker}, worker_until = {until}
            WHERE engine = {engine} AND phase IN ({RebuildPhases.Filling}, {RebuildPhases.Comparing})
              AND (worker IS NULL OR worker = {worker} OR worker_until < {now})
            """,
            cancellationToken) == 1;

    /// <summary>Lets a worker's rebuild go, for another to go on with at once.</summary>
    public static Task<int> ReleaseRebuildAsync(this SearchDbContext db, string engine, Guid worker, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"UPDATE engines SET worker = NULL, worker_until = NULL WHERE engine = {engine} AND worker = {worker}", cancellationToken);

    /// <summary>Says how far a worker's rebuild is.</summary>
    public static Task<int> NoteRebuildAsync(this SearchDbContext db, string engine, Guid worker, string phase, string? message, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"UPDATE engines SET phase = {phase}, message = {message} WHERE engine = {engine} AND worker = {worker}", cancellationToken);

    /// <summary>Names the index a rebuild builds, before it is made.</summary>
    public static Task NameBuiltAsync(this SearchDbContext db, string engine, Guid built, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"UPDATE engines SET built = {built} WHERE engine = {engine}", cancellationToken);

    /// <summary>Ends a worker's rebuild.</summary>
    public static Task<int> EndRebuildAsync(
        this SearchDbContext db, string engine, Guid worker, string phase, string? message, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE engines SET phase = {phase}, message = {message}, ended_at = {now}, worker = NULL, worker_until = NULL
            WHERE engine = {engine} AND worker = {worker}
            """,
            cancellationToken);
}
