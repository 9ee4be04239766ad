using Microsoft.EntityFrameworkCore;

namespace Registry.PackageService.Data;

/// <summary>The SQL of making room: what was proxied can be fetched again, what was published never leaves.</summary>
internal static class EvictionQueries
{
    /// <summary>How many packuments leave at a time.</summary>
    public const int MostPackuments = 10_000;

    private const long LockKey = 0x65_76_69_63_74; // "evict"

    /// <summary>Lets one process make room at a time; false when another does. Held until the transaction ends.</summary>
    public static Task<bool> TryLockEvictionAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<bool>($"""SELECT pg_try_advisory_xact_lock({LockKey}) AS "Value" """).SingleAsync(cancellationToken);

    /// <summary>Tarballs that have to leave, those used longest ago first.</summary>
    /// <param name="db">The database.</param>
    /// <param name="rule">What may stay.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<List<EvictableTarball>> TarballsToEvictAsync(
        this PackageDbContext db, EvictionRule rule, int limit, CancellationToken cancellationToken) =>
        db.Database
            .SqlQuery<EvictableTarball>($"""
                SELECT upstream AS "Upstream", name AS "Name", version AS "Version", digest AS "Digest", size_bytes AS "SizeBytes", used_at AS "UsedAt"
                FROM (
                    SELECT *, sum(size_bytes) OVER (ORDER BY used_at DESC, upstream, name, version) AS running
                    FROM upstream_tarballs WHERE digest IS NOT NULL
                ) AS t
                WHERE (running > {rule.Bytes} OR used_at < {rule.UsedBefore} OR upstream <> ALL({rule.Upstreams})) AND stored_at < {rule.StoredBefore}
                ORDER BY used_at, upstream, name, version LIMIT {limit}
                """)
            .ToListAsync(cancellationToken);

    /// <summary>Forgets a tarball, unless it was used meanwhile.</summary>
    public static Task<int> ForgetTarballAsync(this PackageDbContext db, EvictableTarball tarball, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            DELETE FROM upstream_tarballs
            WHERE upstream = {tarball.Upstream} AND name = {tarball.Name} AND version = {tarball.Version} AND used_at = {tarball.UsedAt}
            """,
            cancellationToken);

    /// <summary>Which of these blobs something still refers to.</summary>
    public static Task<List<string>> ReferredBlobsAsync(this PackageDbContext db, IReadOnlyList<string> digests, CancellationToken cancellationToken) =>
        db.Database
            .SqlQuery<string>($"""
                SELECT digest AS "Value" FROM versions WHERE digest = ANY({digests.ToArray()})
                UNION SELECT digest FROM upstream_tarballs WHERE digest = ANY({digests.ToArray()})
                """)
            .ToListAsync(cancellationToken);

    /// <summary>
    /// Forgets packuments that nobody used for long or whose upstream is gone, those beyond the room there is, and absences that decide nothing
    /// any more, <see cref="MostPackuments"/> at a time; with <paramref name="dryRun"/> only counts them.
    /// </summary>
    public static async Task<int> EvictPackumentsAsync(this PackageDbContext db, EvictionRule rule, bool dryRun, CancellationToken cancellationToken)
    {
        var keys = db.Database.SqlQuery<PackumentAddress>($"""
            SELECT upstream AS "Upstream", name AS "Name", abbreviated AS "Abbreviated" FROM (
                SELECT *, sum(coalesce(length(body), 0) + 512) OVER (ORDER BY used_at DESC, upstream, name, abbreviated) AS running FROM upstream_packuments
            ) AS p
            WHERE (lease_until IS NULL OR lease_until < now())
                AND (running > {rule.PackumentBytes} OR used_at < {rule.UsedBefore} OR (upstream <> ALL({rule.Upstreams}) AND used_at < {rule.StoredBefore})
                    OR (revision IS NULL AND coalesce(checked_at, used_at) < now() - interval '1 hour'
                        AND NOT EXISTS (SELECT 1 FROM upstream_packuments other WHERE other.name = p.name AND other.revision IS NOT NULL)))
            LIMIT {MostPackuments}
            """);
        var found = await keys.ToListAsync(cancellationToken);
        if (!dryRun && found.Count > 0)
        {
            var (upstreams, names, forms) = (found.Select(f => f.Upstream).ToArray(), found.Select(f => f.Name).ToArray(), found.Select(f => f.Abbreviated).ToArray());
            await db.Database.ExecuteSqlAsync(
                $"""
                DELETE FROM upstream_packuments p USING unnest({upstreams}, {names}, {forms}) AS gone (upstream, name, abbreviated)
                WHERE p.upstream = gone.upstream AND p.name = gone.name AND p.abbreviated = gone.abbreviated
                """,
                cancellationToken);
        }

        return found.Count;
    }

    /// <summary>What is kept of each upstream.</summary>
    public static Task<List<KeptOfUpstream>> KeptOfUpstreamsAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        db.Database
            .SqlQuery<KeptOfUpstream>($"""
                SELECT upstream AS "Upstream", sum(packuments)::bigint AS "Packuments", sum(tarballs)::bigint AS "Tarballs", sum(bytes)::bigint AS "Bytes"
                FROM (
                    SELECT upstream, count(revision) AS packuments, 0 AS tarballs, coalesce(sum(length(body)), 0) AS bytes FROM upstream_packuments GROUP BY upstream
                    UNION ALL SELECT upstream, 0, count(digest), coalesce(sum(size_bytes), 0) FROM upstream_tarballs GROUP BY upstream
                ) AS kept GROUP BY upstream ORDER BY upstream
                """)
            .ToListAsync(cancellationToken);

    /// <summary>Writes that packuments were used just now; those that another process writes of at the same time are left to it, so that none waits for another in a circle.</summary>
    public static Task<int> TouchPackumentsAsync(this PackageDbContext db, IReadOnlyCollection<PackumentAddress> used, CancellationToken cancellationToken)
    {
        var (upstreams, names, forms) = (used.Select(u => u.Upstream).ToArray(), used.Select(u => u.Name).ToArray(), used.Select(u => u.Abbreviated).ToArray());
        return db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_packuments p SET used_at = now()
            FROM (
                SELECT k.upstream, k.name, k.abbreviated FROM upstream_packuments k
                JOIN unnest({upstreams}, {names}, {forms}) AS used (upstream, name, abbreviated) USING (upstream, name, abbreviated)
                FOR UPDATE OF k SKIP LOCKED
            ) AS free
            WHERE p.upstream = free.upstream AND p.name = free.name AND p.abbreviated = free.abbreviated
            """,
            cancellationToken);
    }

    /// <inheritdoc cref="TouchPackumentsAsync"/>
    public static Task<int> TouchTarballsAsync(this PackageDbContext db, IReadOnlyCollection<TarballAddress> used, CancellationToken cancellationToken)
    {
        var (upstreams, names, versions) = (used.Select(u => u.Upstream).ToArray(), used.Select(u => u.Name).ToArray(), used.Select(u => u.Version).ToArray());
        return db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_tarballs t SET used_at = now()
            FROM (
                SELECT k.upstream, k.name, k.version FROM upstream_tarballs k
                JOIN unnest({upstreams}, {names}, {versions}) AS used (upstream, name, version) USING (upstream, name, version)
                FOR UPDATE OF k SKIP LOCKED
            ) AS free
            WHERE t.upstream = free.upstream AND t.name = free.name AND t.version = free.version
            """,
            cancellationToken);
    }
}

/// <summary>What may stay.</summary>
/// <param name="Bytes">Bytes of tarballs.</param>
/// <param name="PackumentBytes">Bytes of packuments.</param>
/// <param name="UsedBefore">What was not used since leaves.</param>
/// <param name="StoredBefore">What was stored since stays.</param>
/// <param name="Upstreams">What came from others leaves.</param>
internal sealed record EvictionRule(long Bytes, long PackumentBytes, DateTimeOffset UsedBefore, DateTimeOffset StoredBefore, string[] Upstreams);

/// <summary>A tarball that may leave.</summary>
internal sealed record EvictableTarball(string Upstream, string Name, string Version, string Digest, long SizeBytes, DateTimeOffset UsedAt);

/// <summary>What is kept of an upstream.</summary>
internal sealed record KeptOfUpstream(string Upstream, long Packuments, long Tarballs, long Bytes);
