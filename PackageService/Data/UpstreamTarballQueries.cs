using Microsoft.EntityFrameworkCore;

namespace Registry.PackageService.Data;

/// <summary>The SQL of proxied tarballs.</summary>
internal static class UpstreamTarballQueries
{
    private const int LeaseSeconds = 20;

    /// <summary>What is known of a tarball; null when nobody ever asked for it.</summary>
    public static Task<UpstreamTarballRow?> FindTarballAsync(this PackageDbContext db, TarballAddress at, CancellationToken cancellationToken) =>
        db.UpstreamTarballs.AsNoTracking()
            .SingleOrDefaultAsync(t => t.Upstream == at.Upstream && t.Name == at.Name && t.Version == at.Version, cancellationToken);

    /// <summary>Takes the right to download a tarball.</summary>
    /// <param name="db">The database.</param>
    /// <param name="at">Which.</param>
    /// <param name="owner">Who takes it.</param>
    /// <param name="seen">The integrity of what is stored and may be replaced, null for nothing; and when somebody last failed, as far as the taker knows.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False while somebody else has it, when it is stored, or when somebody has failed meanwhile.</returns>
    public static async Task<bool> LeaseTarballAsync(
        this PackageDbContext db, TarballAddress at, Guid owner, (string? Replaces, DateTimeOffset? FailedAt) seen, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO upstream_tarballs AS t (upstream, name, version, size_bytes, used_at, lease_owner, lease_until)
            VALUES ({at.Upstream}, {at.Name}, {at.Version}, 0, now(), {owner}, now() + make_interval(secs => {LeaseSeconds}))
            ON CONFLICT (upstream, name, version) DO UPDATE SET lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
            WHERE (t.digest IS NULL OR t.integrity = {seen.Replaces}) AND (t.lease_until IS NULL OR t.lease_until < now())
                AND t.failed_at IS NOT DISTINCT FROM {seen.FailedAt}
            """,
            cancellationToken) > 0;

    /// <summary>Keeps a lease a while longer.</summary>
    public static Task<int> RenewTarballLeaseAsync(this PackageDbContext db, TarballAddress at, Guid owner, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_tarballs SET lease_until = now() + make_interval(secs => {LeaseSeconds})
            WHERE upstream = {at.Upstream} AND name = {at.Name} AND version = {at.Version} AND lease_owner = {owner}
            """,
            cancellationToken);

    /// <summary>Writes where a tarball is stored, and gives the lease back.</summary>
    public static Task<int> SaveTarballAsync(
        this PackageDbContext db, TarballAddress at, Guid owner, StoredBytes stored, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_tarballs SET digest = {stored.Digest}, size_bytes = {stored.SizeBytes}, integrity = {stored.Integrity},
                stored_at = now(), used_at = now(), failure = NULL, failed_at = NULL, lease_owner = NULL, lease_until = NULL
            WHERE upstream = {at.Upstream} AND name = {at.Name} AND version = {at.Version} AND lease_owner = {owner}
            """,
            cancellationToken);

    /// <summary>Gives a lease back without having anything to say.</summary>
    public static Task<int> ReleaseTarballAsync(this PackageDbContext db, TarballAddress at, Guid owner, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_tarballs SET lease_owner = NULL, lease_until = NULL
            WHERE upstream = {at.Upstream} AND name = {at.Name} AND version = {at.Version} AND lease_owner = {owner}
            """,
            cancellationToken);

    /// <summary>Writes why a tarball could not be had, for those who wait, and gives the lease back.</summary>
    public static Task<int> FailTarballAsync(this PackageDbContext db, TarballAddress at, Guid owner, string failure, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            UPDATE upstream_tarballs SET failure = {failure}, failed_at = now(), lease_owner = NULL, lease_until = NULL
            WHERE upstream = {at.Upstream} AND name = {at.Name} AND version = {at.Version} AND lease_owner = {owner}
            """,
            cancellationToken);
}

/// <summary>Which tarball of which upstream.</summary>
internal sealed record TarballAddress(string Upstream, string Name, string Version);

/// <summary>Bytes that are stored.</summary>
/// <param name="Digest">Key of the blob.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Integrity">What they are, as SRI.</param>
internal sealed record StoredBytes(string Digest, long SizeBytes, string Integrity);
