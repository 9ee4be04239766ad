using Microsoft.EntityFrameworkCore;

namespace Registry.PackageService.Data;

/// <summary>The SQL of upstreams: what reads are decided by, and leases by which one process asks while the others wait.</summary>
internal static class UpstreamQueries
{
    private const int LeaseSeconds = 20; // renewed while a tarball comes; a document takes no longer than its upstream's timeout, after which another may ask

    /// <summary>What decides whether a name may be looked up elsewhere; null when there is no such repository.</summary>
    /// <param name="db">The database.</param>
    /// <param name="repository">The repository's name.</param>
    /// <param name="name">The package's full name.</param>
    /// <param name="folded">Its folded spelling.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<NameClaim?> FindClaimAsync(
        this PackageDbContext db, string repository, string name, string folded, CancellationToken cancellationToken) =>
        db.Database
            .SqlQuery<NameClaim>($"""
                SELECT r.uses_upstreams AS "UsesUpstreams", r.read_access = 'everyone' AS "IsForEveryone",
                    (SELECT p.name FROM packages p WHERE p.repository_id = r.id AND p.folded_name = {folded} ORDER BY p.name = {name} DESC LIMIT 1) AS "Holder",
                    EXISTS (SELECT 1 FROM tombstones t WHERE t.repository_id = r.id AND lower(translate(t.name, '-_.', '')) = {folded}) AS "WasPublished",
                    coalesce((SELECT max(u.revision) FROM upstreams u), 0) AS "Revision"
                FROM repositories r WHERE r.name = {repository}
                """)
            .SingleOrDefaultAsync(cancellationToken);

    /// <summary>The last change of any upstream.</summary>
    public static Task<long> UpstreamsRevisionAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<long>($"""SELECT coalesce(max(revision), 0) AS "Value" FROM upstreams""").SingleAsync(cancellationToken);

    /// <summary>Writes what was said of an upstream, one writer at a time.</summary>
    public static Task<int> SaveUpstreamAsync(this PackageDbContext db, string name, string? entry, string changedBy, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO upstreams (name, entry, revision, changed_at, changed_by)
            VALUES ({name}, {entry}, (SELECT coalesce(max(revision), 0) + 1 FROM upstreams), now(), {changedBy})
            ON CONFLICT (name) DO UPDATE SET entry = excluded.entry, revision = excluded.revision, changed_at = excluded.changed_at, changed_by = excluded.changed_by
            """,
            cancellationToken);

    /// <summary>Holds back others who change upstreams until the transaction ends.</summary>
    public static Task LockUpstreamsAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"LOCK TABLE upstreams IN SHARE ROW EXCLUSIVE MODE", cancellationToken);

    /// <summary>What is known of a package's packuments, of all upstreams.</summary>
    public static Task<List<KnownPackument>> KnownPackumentsAsync(this PackageDbContext db, string name, CancellationToken cancellationToken) =>
        db.UpstreamPackuments.AsNoTracking().Where(p => p.Name == name)
            .Select(p => new KnownPackument(
                p.Upstream, p.Abbreviated, p.Source, p.Revision, p.CheckedAt, p.ChangedAt, p.Failure, p.FailedAt, p.LeaseUntil))
            .ToListAsync(cancellationToken);

    /// <summary>Takes the right to ask for a packument; null while somebody else has it.</summary>
    public static async Task<LeasedPackument?> LeasePackumentAsync(
        this PackageDbContext db, PackumentAddress at, Guid owner, DateTimeOffset? failedAt, CancellationToken cancellationToken)
    {
        var rows = await db.Database
            .SqlQuery<LeasedPackument>($"""
                INSERT INTO upstream_packuments AS p (upstream, name, abbreviated, source, used_at, lease_owner, lease_until)
                VALUES ({at.Upstream}, {at.Name}, {at.Abbreviated}, '', now(), {owner}, now() + make_interval(secs => {LeaseSeconds}))
                ON CONFLICT (upstream, name, abbreviated) DO UPDATE SET lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
                WHERE (p.lease_until IS NULL OR p.lease_until < now()) AND p.failed_at IS NOT DISTINCT FROM {failedAt}
                RETURNING p.source AS "Source", p.revision AS "Revision", p.etag AS "Etag", p.last_modified AS "LastModified", p.checked_at AS "CheckedAt",
                    p.changed_at AS "ChangedAt"
                """)
            .ToListAsync(cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>Keeps a lease a while longer.</summary>
    public static Task<int> RenewPackumentLeaseAsync(this PackageDbContext db, PackumentAddress at, Guid owner, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_packuments SET lease_until = now() + make_interval(secs => {LeaseSeconds})
            WHERE upstream = {at.Upstream} AND name = {at.Name} AND abbreviated = {at.Abbreviated} AND lease_owner = {owner}
            """,
            cancellationToken);

    /// <summary>Gives a lease back without having asked.</summary>
    public static Task<int> ReleasePackumentAsync(this PackageDbContext db, PackumentAddress at, Guid owner, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_packuments SET lease_owner = NULL, lease_until = NULL
            WHERE upstream = {at.Upstream} AND name = {at.Name} AND abbreviated = {at.Abbreviated} AND lease_owner = {owner}
            """,
            cancellationToken);

    /// <summary>Writes that the upstream answered as it did before, and gives the lease back.</summary>
    public static Task<int> ConfirmPackumentAsync(this PackageDbContext db, PackumentAddress at, Guid owner, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_packuments SET checked_at = now(), failure = NULL, failed_at = NULL, lease_owner = NULL, lease_until = NULL
            WHERE upstream = {at.Upstream} AND name = {at.Name} AND abbreviated = {at.Abbreviated} AND lease_owner = {owner}
            """,
            cancellationToken);

    /// <summary>Writes what the upstream answered, null for "not found", and gives the lease back.</summary>
    public static Task<int> SavePackumentAsync(
        this PackageDbContext db, PackumentAddress at, Guid owner, string source, StoredPackument? stored, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_packuments SET source = {source}, revision = {stored?.Revision}, body = {stored?.Body}, etag = {stored?.Etag},
                last_modified = {stored?.LastModified}, changed_at = now(), checked_at = now(), failure = NULL, failed_at = NULL, lease_owner = NULL, lease_until = NULL
            WHERE upstream = {at.Upstream} AND name = {at.Name} AND abbreviated = {at.Abbreviated} AND lease_owner = {owner}
            """,
            cancellationToken);

    /// <summary>Writes why the upstream could not be asked, for those who wait, and gives the lease back. What is known of the packument stays.</summary>
    public static Task<int> FailPackumentAsync(
        this PackageDbContext db, PackumentAddress at, Guid owner, string failure, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_packuments SET failure = {failure}, failed_at = now(), lease_owner = NULL, lease_until = NULL
            WHERE upstream = {at.Upstream} AND name = {at.Name} AND abbreviated = {at.Abbreviated} AND lease_owner = {owner}
            """,
            cancellationToken);

    /// <summary>The body of a packument, with what it is the body of; null when there is none.</summary>
    public static Task<StoredPackument?> PackumentBodyAsync(this PackageDbContext db, PackumentAddress at, CancellationToken cancellationToken) =>
        db.UpstreamPackuments.AsNoTracking()
            .Where(p => p.Upstream == at.Upstream && p.Name == at.Name && p.Abbreviated == at.Abbreviated && p.Body != null)
            .Select(p => new StoredPackument(p.Revision!, p.Body!, p.Etag, p.LastModified, p.ChangedAt))
            .SingleOrDefaultAsync(cancellationToken);
}

/// <summary>Who has a name here, and what else decides whether it is looked up elsewhere.</summary>
/// <param name="UsesUpstreams">The repository falls through.</param>
/// <param name="IsForEveryone">The repository may be read without an account.</param>
/// <param name="Holder">A package published here under the name or one that looks like it.</param>
/// <param name="WasPublished">Such a package was published here once.</param>
/// <param name="Revision">The last change of any upstream.</param>
internal sealed record NameClaim(bool UsesUpstreams, bool IsForEveryone, string? Holder, bool WasPublished, long Revision);

/// <summary>Which packument of which upstream.</summary>
internal sealed record PackumentAddress(string Upstream, string Name, bool Abbreviated);

/// <summary>What is known of a packument without its body.</summary>
internal sealed record KnownPackument(
    string Upstream,
    bool Abbreviated,
    string Source,
    string? Revision,
    DateTimeOffset? CheckedAt,
    DateTimeOffset? ChangedAt,
    string? Failure,
    DateTimeOffset? FailedAt,
    DateTimeOffset? LeaseUntil);

/// <summary>What was known of a packument when the right to ask for it was taken.</summary>
internal sealed record LeasedPackument(
    string Source, string? Revision, string? Etag, DateTimeOffset? LastModified, DateTimeOffset? CheckedAt, DateTimeOffset? ChangedAt);

/// <summary>A packument as it is stored.</summary>
/// <param name="Revision">Digest of its JSON.</param>
/// <param name="Body">The JSON, gzip.</param>
/// <param name="Etag">The upstream's validator.</param>
/// <param name="LastModified">The other one.</param>
/// <param name="ChangedAt">When it last changed.</param>
internal sealed record StoredPackument(string Revision, byte[] Body, string? Etag, DateTimeOffset? LastModified, DateTimeOffset? ChangedAt);
