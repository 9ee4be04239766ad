using Microsoft.EntityFrameworkCore;

namespace Registry.PackageService.Data;

/// <summary>The SQL of downloads.</summary>
internal static class DownloadQueries
{
    private const int MostForgotten = 10_000;

    /// <summary>Adds a batch to what was counted, unless it was added before; in one statement, always in the same order, so that two never wait for each other.</summary>
    public static Task<int> AddDownloadsAsync(this PackageDbContext db, Guid batch, IReadOnlyCollection<DownloadRow> counts, CancellationToken cancellationToken)
    {
        var (repositories, names, versions) = (counts.Select(c => c.Repository).ToArray(), counts.Select(c => c.Name).ToArray(), counts.Select(c => c.Version).ToArray());
        var (days, numbers) = (counts.Select(c => c.Day).ToArray(), counts.Select(c => c.Count).ToArray());
        return db.Database.ExecuteSqlAsync(
            $"""
            WITH batch AS (INSERT INTO download_batches (id, received_at) VALUES ({batch}, now()) ON CONFLICT DO NOTHING RETURNING id)
            INSERT INTO downloads AS d (repository, name, day, version, count)
            SELECT c.repository, c.name, c.day, c.version, sum(c.count)
            FROM batch, unnest({repositories}, {names}, {days}, {versions}, {numbers}) AS c(repository, name, day, version, count)
            GROUP BY c.repository, c.name, c.day, c.version ORDER BY c.repository, c.name, c.day, c.version
            ON CONFLICT (repository, name, day, version) DO UPDATE SET count = d.count + excluded.count
            """,
            cancellationToken);
    }

    /// <summary>Downloads of packages, by package and day; days without any are left out.</summary>
    public static Task<List<DownloadsOfDay>> DownloadsByDayAsync(
        this PackageDbContext db, string repository, IReadOnlyCollection<string> names, (DateOnly Start, DateOnly End) days, CancellationToken cancellationToken)
    {
        var wanted = names.ToArray();
        return db.Downloads
            .Where(d => d.Repository == repository && wanted.Contains(d.Name) && d.Day >= days.Start && d.Day <= days.End)
            .GroupBy(d => new { d.Name, d.Day })
            .Select(group => new DownloadsOfDay(group.Key.Name, group.Key.Day, group.Sum(d => d.Count)))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Downloads of a package by version; versions without any are left out.</summary>
    public static Task<Dictionary<string, long>> DownloadsByVersionAsync(
        this PackageDbContext db, string repository, string name, (DateOnly Start, DateOnly End) days, CancellationToken cancellationToken) =>
        db.Downloads
            .Where(d => d.Repository == repository && d.Name == name && d.Day >= days.Start && d.Day <= days.End)
            .GroupBy(d => d.Version)
            .Select(group => new { Version = group.Key, Count = group.Sum(d => d.Count) })
            .ToDictionaryAsync(one => one.Version, one => one.Count, cancellationToken);

    /// <summary>Downloads by day of all that everyone may read: public packages and those of upstreams, in a repository open to everyone. What was removed here does not count.</summary>
    public static Task<List<TotalOfDay>> DownloadTotalsAsync(this PackageDbContext db, string repository, DateOnly since, CancellationToken cancellationToken) =>
        db.Database
            .SqlQuery<TotalOfDay>($"""
                SELECT d.day AS "Day", sum(d.count)::bigint AS "Count"
                FROM downloads d
                JOIN repositories r ON r.name = d.repository AND r.read_access = 'everyone'
                LEFT JOIN packages p ON p.repository_id = r.id AND p.name = d.name
                WHERE d.repository = {repository} AND d.day >= {since}
                    AND (p.visibility = 'public'
                        OR (p.id IS NULL AND NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.repository_id = r.id AND t.name = d.name)))
                GROUP BY d.day
                """)
            .ToListAsync(cancellationToken);

    /// <summary>Those of the names that are no package's here, and never were in any spelling, and were downloaded from upstreams.</summary>
    public static Task<List<string>> DownloadedFromUpstreamsAsync(
        this PackageDbContext db, string repository, IReadOnlyCollection<(string Name, string Folded)> names, bool isSignedIn, CancellationToken cancellationToken)
    {
        var (exact, folded) = (names.Select(static name => name.Name).ToArray(), names.Select(static name => name.Folded).ToArray());
        return db.Database
            .SqlQuery<string>($"""
                SELECT n.name AS "Value" FROM unnest({exact}, {folded}) AS n(name, folded)
                JOIN repositories r ON r.name = {repository} AND r.uses_upstreams AND (r.read_access = 'everyone' OR {isSignedIn})
                WHERE EXISTS (SELECT 1 FROM downloads d WHERE d.repository = r.name AND d.name = n.name)
                    AND NOT EXISTS (SELECT 1 FROM packages p WHERE p.repository_id = r.id AND p.folded_name = n.folded)
                    AND NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.repository_id = r.id AND lower(translate(t.name, '-_.', '')) = n.folded)
                """)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Forgets some of what is older than a day, and of the batches from before a time.</summary>
    /// <returns>False when nothing is left of it.</returns>
    public static async Task<bool> ForgetDownloadsAsync(this PackageDbContext db, DateOnly olderThan, DateTimeOffset receivedBefore, CancellationToken cancellationToken)
    {
        var days = await db.Database.ExecuteSqlAsync(
            $"DELETE FROM downloads WHERE ctid = ANY (ARRAY(SELECT ctid FROM downloads WHERE day < {olderThan} LIMIT {MostForgotten}))", cancellationToken);
        var batches = await db.Database.ExecuteSqlAsync(
            $"DELETE FROM download_batches WHERE id IN (SELECT id FROM download_batches WHERE received_at < {receivedBefore} LIMIT {MostForgotten})", cancellationToken);
        return days == MostForgotten || batches == MostForgotten;
    }
}

/// <summary>Downloads of a package on a day.</summary>
internal sealed record DownloadsOfDay(string Name, DateOnly Day, long Count);

/// <summary>Downloads of everything on a day.</summary>
internal sealed record TotalOfDay(DateOnly Day, long Count);
