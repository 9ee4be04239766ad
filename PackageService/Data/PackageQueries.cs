using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Databases;

namespace Registry.PackageService.Data;

/// <summary>Queries that have a name, and all SQL written by hand.</summary>
internal static class PackageQueries
{
    private const int NewNames = 0x6E616D65; // "name": class of the advisory locks on folded spellings
    private const long SigningLock = 0x73_69_67_6E; // "sign"

    /// <summary>Waits until every transaction that appended to the feed has ended; holds back others until this one has.</summary>
    public static Task LockChangesAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({ChangeLog.LockKey})", cancellationToken);

    /// <summary>Lets one transaction at a time create a package in a group of spellings that look alike, and looks who is in the group then.</summary>
    /// <returns>Where it is created; null when there is no repository of that name.</returns>
    public static async Task<NewPlace?> LockNewNameAsync(
        this PackageDbContext db, string repository, PackageName name, CancellationToken cancellationToken)
    {
        var (places, lookAlikes) = await db.ReadAsync(
            ($"""
            SELECT id, nextval(pg_get_serial_sequence('packages', 'id')), pg_advisory_xact_lock({NewNames}, hashtext(id::text || ':' || {name.Folded}))
            FROM repositories WHERE name = {repository}
            """, static row => (RepositoryId: row.GetInt32(0), PackageId: row.GetInt64(1))),
            ($"""
            SELECT p.name FROM packages p JOIN repositories r ON r.id = p.repository_id
            WHERE r.name = {repository} AND p.folded_name = {name.Folded}
            """, static row => row.GetString(0)),
            null,
            cancellationToken);
        return places is [var (repositoryId, packageId)] ? new NewPlace(repositoryId, packageId, lookAlikes) : null;
    }

    /// <summary>Lets one transaction at a time decide which key signs.</summary>
    public static Task LockSigningKeysAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({SigningLock})", cancellationToken);

    /// <summary>A repository by name.</summary>
    public static Task<PackageRepository?> FindRepositoryAsync(this PackageDbContext db, string name, CancellationToken cancellationToken) =>
        db.Repositories.AsNoTracking().SingleOrDefaultAsync(r => r.Name == name, cancellationToken);

    /// <summary>The permission that rows stand for.</summary>
    /// <param name="isMaintainer">There is a row among the maintainers.</param>
    /// <param name="canWrite">The best of what teams were given; null when nothing was.</param>
    public static Permission PermissionOf(bool isMaintainer, bool? canWrite) =>
        isMaintainer || canWrite == true ? Permission.Write
        : canWrite == false ? Permission.Read
        : Permission.None;

    /// <summary>Retires every version of a package, with one statement however many there are.</summary>
    public static Task EntombAsync(
        this PackageDbContext db, Package package, string removedBy, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO tombstones (repository_id, name, version, digest, removed_at, removed_by)
            SELECT {package.RepositoryId}, {package.Name}, version, digest, {now}, {removedBy} FROM versions WHERE package_id = {package.Id}
            """,
            cancellationToken);

    /// <summary>Removes some versions of a package and retires their numbers. By hand: EF deletes from no table that several entities share.</summary>
    public static Task RetireAsync(
        this PackageDbContext db, Package package, string[] versions, (string By, DateTimeOffset At) removal, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            WITH removed AS (
                DELETE FROM versions WHERE package_id = {package.Id} AND version = ANY ({versions}) RETURNING version, digest)
            INSERT INTO tombstones (repository_id, name, version, digest, removed_at, removed_by)
            SELECT {package.RepositoryId}, {package.Name}, version, digest, {removal.At}, {removal.By} FROM removed
            """,
            cancellationToken);

    /// <summary>Removes a package and all that belongs to it; only its name is of use afterwards.</summary>
    public static async Task RemoveAsync(this PackageDbContext db, Package package, CancellationToken cancellationToken)
    {
        await db.Packages.Where(p => p.Id == package.Id).ExecuteDeleteAsync(cancellationToken);
        db.Entry(package).State = EntityState.Detached;
    }

    /// <summary>Sets or clears (null) the deprecation of versions.</summary>
    public static Task DeprecateAsync(
        this PackageDbContext db, long packageId, string[] versions, string? reason, CancellationToken cancellationToken) =>
        db.Versions.Where(v => v.PackageId == packageId && versions.Contains(v.Version))
            .ExecuteUpdateAsync(set => set.SetProperty(v => v.Deprecated, reason), cancellationToken);

    /// <summary>Everybody who may publish the package, as documents name them.</summary>
    public static async Task<IReadOnlyList<Person>> MaintainersOfAsync(
        this PackageDbContext db, long packageId, CancellationToken cancellationToken) =>
        await db.Maintainers.AsNoTracking()
            .Where(m => m.PackageId == packageId)
            .OrderBy(m => m.UserName)
            .Select(m => new Person(m.UserName, m.Email))
            .ToListAsync(cancellationToken);

    /// <summary>Who starred the package, by name; at most 1,000.</summary>
    public static async Task<IReadOnlyList<string>> StarsOfAsync(this PackageDbContext db, long packageId, CancellationToken cancellationToken) =>
        await db.Stars.Where(s => s.PackageId == packageId).OrderBy(s => s.UserName).Take(1000).Select(s => s.UserName).ToListAsync(cancellationToken);

    /// <summary>The version a version or dist-tag names; null when it names none.</summary>
    public static Task<PackageVersion?> FindVersionAsync(
        this PackageDbContext db, long packageId, string versionOrTag, CancellationToken cancellationToken) =>
        SemVersion.TryParse(versionOrTag, out _)
            ? db.Versions.AsNoTracking().SingleOrDefaultAsync(v => v.PackageId == packageId && v.Version == versionOrTag, cancellationToken)
            : (from tag in db.DistTags
               join version in db.Versions.AsNoTracking() on new { tag.PackageId, tag.Version } equals new { version.PackageId, version.Version }
               where tag.PackageId == packageId && tag.Tag == versionOrTag
               select version).SingleOrDefaultAsync(cancellationToken);

    /// <summary>A version as it is, or what a dist-tag points at; null for a tag that is not there.</summary>
    public static async Task<string?> ResolveVersionAsync(
        this PackageDbContext db, long packageId, string versionOrTag, CancellationToken cancellationToken) =>
        SemVersion.TryParse(versionOrTag, out _)
            ? versionOrTag
            : await db.DistTags.Where(t => t.PackageId == packageId && t.Tag == versionOrTag)
                .Select(t => t.Version).SingleOrDefaultAsync(cancellationToken);

    /// <summary>
    /// The version dialects without tags call the latest (K18): what <c>latest</c> was pointed at by hand, else the highest
    /// stable version, else the highest.
    /// </summary>
    public static async Task<PackageVersion?> FindHighestAsync(this PackageDbContext db, long packageId, CancellationToken cancellationToken)
    {
        var chosen = await db.DistTags.AsNoTracking()
            .SingleOrDefaultAsync(t => t.PackageId == packageId && t.Tag == DistTagName.Latest.Value && t.MovedByHand, cancellationToken);
        if (chosen is not null)
        {
            return await db.FindVersionAsync(packageId, chosen.Version, cancellationToken);
        }

        return await db.FindHighestStableAsync(packageId, cancellationToken);
    }

    /// <summary>The highest stable version, else the highest; null when there is none.</summary>
    public static Task<PackageVersion?> FindHighestStableAsync(this PackageDbContext db, long packageId, CancellationToken cancellationToken) =>

        // The hyphen of a pre-release comes before any of build metadata: what is left of the plus decides.
        db.Versions
            .FromSql(
                $"""
                SELECT * FROM versions WHERE package_id = {packageId}
                ORDER BY split_part(version, '+', 1) LIKE '%-%', sort_key DESC, version DESC LIMIT 1
                """)
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);
}

/// <summary>Where a package is created.</summary>
/// <param name="RepositoryId">The repository.</param>
/// <param name="PackageId">An id that no package has: with it the package and what belongs to it are written at once.</param>
/// <param name="LookAlikes">Names of packages that look like the new one, itself included when it is there.</param>
internal sealed record NewPlace(int RepositoryId, long PackageId, IReadOnlyList<string> LookAlikes);
