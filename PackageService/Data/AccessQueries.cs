using Npgsql;

using Registry.Contracts.Http;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Databases;

namespace Registry.PackageService.Data;

/// <summary>A package with what it was given to a caller for: what nearly every request asks first.</summary>
internal static class AccessQueries
{
    /// <summary>The repository, with the package where it has it; null when there is no such repository.</summary>
    public static async Task<FoundPackage?> FindPackageAsync(
        this PackageDbContext db, string repository, PackageName name, Caller caller, CancellationToken cancellationToken)
    {
        var rows = await db.ReadAsync(Find(repository, name, caller), Read, cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>The package, locked until the transaction ends, as it is then, and written with what else the context changes; null when there is none.</summary>
    public static async Task<ReadablePackage?> LockPackageAsync(
        this PackageDbContext db, string repository, PackageName name, Caller caller, CancellationToken cancellationToken)
    {
        var (locked, found) = await db.ReadAsync(
            ($"""
            SELECT p.id FROM packages p JOIN repositories r ON r.id = p.repository_id WHERE r.name = {repository} AND p.name = {name.Value}
            FOR UPDATE OF p
            """, static row => row.GetInt64(0)),
            (Find(repository, name, caller), Read),
            null,
            cancellationToken);

        // Where nothing was locked, what is found is somebody else's, committed in between.
        if (locked is not [var id] || found is not [{ Package: { } package } one] || package.Id != id)
        {
            return null;
        }

        db.Packages.Attach(package);
        return new ReadablePackage(one.Repository, package, one.Permission);
    }

    private static FormattableString Find(string repository, PackageName name, Caller caller) =>
        $"""
        SELECT r.id, r.name, r.read_access, r.uses_upstreams,
            (SELECT m.user_id FROM maintainers m WHERE m.package_id = p.id AND m.user_id = {caller.UserId}) IS NOT NULL, -- EXISTS may read all that are his
            (SELECT bool_or(g.can_write) FROM grants g WHERE g.package_id = p.id AND g.team_id = ANY ({caller.TeamIds.ToArray()})),
            p.id, p.name, p.folded_name, p.visibility, p.publish_requires_tfa, p.automation_token_overrides_tfa, p.created_at, p.modified_at, p.revision
        FROM repositories r LEFT JOIN packages p ON p.repository_id = r.id AND p.name = {name.Value}
        WHERE r.name = {repository}
        """;

    private static FoundPackage Read(NpgsqlDataReader row)
    {
        var repository = new PackageRepository
        {
            Id = row.GetInt32(0),
            Name = row.GetString(1),
            ReadAccess = PackageConfiguration.ReadAccessOf(row.GetString(2)),
            UsesUpstreams = row.GetBoolean(3),
        };
        var permission = PackageQueries.PermissionOf(row.GetBoolean(4), row.IsDBNull(5) ? null : row.GetBoolean(5));
        return new FoundPackage(repository, row.IsDBNull(6) ? null : ReadPackage(row, repository.Id), permission);
    }

    private static Package ReadPackage(NpgsqlDataReader row, int repositoryId) => new()
    {
        Id = row.GetInt64(6),
        RepositoryId = repositoryId,
        Name = row.GetString(7),
        FoldedName = row.GetString(8),
        Visibility = PackageConfiguration.VisibilityOf(row.GetString(9)),
        PublishRequiresTfa = row.GetBoolean(10),
        AutomationTokenOverridesTfa = row.GetBoolean(11),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(12),
        ModifiedAt = row.GetFieldValue<DateTimeOffset>(13),
        Revision = row.GetInt64(14),
    };
}

/// <summary>A repository, and what it has of a name.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Package">The package; null when there is none.</param>
/// <param name="Permission">What it was given to the caller for.</param>
internal sealed record FoundPackage(PackageRepository Repository, Package? Package, Permission Permission);
