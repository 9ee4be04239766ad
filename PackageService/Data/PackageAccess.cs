using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http;
using Registry.PackageService.Explaining;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Data;

/// <summary>A package the caller may read.</summary>
/// <param name="Repository">Where it lives.</param>
/// <param name="Package">The package.</param>
/// <param name="Permission">What it was given to the caller for.</param>
internal sealed record ReadablePackage(PackageRepository Repository, Package Package, Permission Permission)
{
    /// <summary>Everyone may read it: shared caches may keep it.</summary>
    public bool IsPublic => Package.Visibility == Visibility.Public && Repository.ReadAccess == ReadAccess.Everyone;
}

/// <summary>Finds packages on behalf of a caller.</summary>
internal sealed class PackageAccess(PackageDbContext db, Explanation explanation)
{
    /// <summary>The package, or null when it does not exist or is hidden from the caller: nobody learns which.</summary>
    public async Task<ReadablePackage?> FindReadableAsync(
        string repository, PackageName name, Caller caller, CancellationToken cancellationToken)
    {
        var found = await db.FindPackageAsync(repository, name, caller, cancellationToken);
        var canRead = found is { Package: not null } && Rights.CanRead(found.Repository, found.Package, found.Permission, caller);
        explanation.Add(
            repository, found?.Package is null ? "not published here" : canRead ? "published here" : "published here, and hidden from the caller", found?.Package?.Rev);
        return canRead ? new ReadablePackage(found!.Repository, found.Package!, found.Permission) : null;
    }

    /// <summary>Those of many packages that exist and are not hidden from the caller, by name; without their readmes.</summary>
    public async Task<IReadOnlyDictionary<string, ReadablePackage>> FindReadableAsync(
        string repository, IReadOnlyCollection<string> names, Caller caller, CancellationToken cancellationToken)
    {
        var wanted = names.ToArray();
        var found = await (
            from p in db.Packages.AsNoTracking()
            join r in db.Repositories.AsNoTracking() on p.RepositoryId equals r.Id
            where r.Name == repository && wanted.Contains(p.Name)
            select new
            {
                Repository = r,
                Package = new Package
                {
                    Id = p.Id,
                    RepositoryId = p.RepositoryId,
                    Name = p.Name,
                    FoldedName = p.FoldedName,
                    Visibility = p.Visibility,
                    CreatedAt = p.CreatedAt,
                    ModifiedAt = p.ModifiedAt,
                    Revision = p.Revision,
                },
                IsMaintainer = db.Maintainers.Any(m => m.PackageId == p.Id && m.UserId == caller.UserId),
                CanWrite = db.Grants.Where(g => g.PackageId == p.Id && caller.TeamIds.Contains(g.TeamId))
                    .OrderByDescending(g => g.CanWrite).Select(g => (bool?)g.CanWrite).FirstOrDefault(),
            })
            .ToListAsync(cancellationToken);
        return found
            .Select(one => new ReadablePackage(one.Repository, one.Package, PackageQueries.PermissionOf(one.IsMaintainer, one.CanWrite)))
            .Where(one => Rights.CanRead(one.Repository, one.Package, one.Permission, caller))
            .ToDictionary(one => one.Package.Name, StringComparer.Ordinal);
    }

    /// <summary>
    /// What is known about a publish from its name alone, so that most of what is refused is refused before its body is read.
    /// </summary>
    /// <returns>Whether the package exists, and why the caller may not publish it, if so.</returns>
    public async Task<(bool Exists, Refusal? Refusal)> FindForPublishAsync(
        string repository, PackageName name, Caller caller, NewNames policy, CancellationToken cancellationToken)
    {
        if (await db.FindPackageAsync(repository, name, caller, cancellationToken) is not { } found)
        {
            return (false, Refusal.NotFound);
        }

        // A package the caller may not know of goes the way of a new name, and is refused as that would be.
        return found.Package is not { } package || Rights.IsHidden(found.Repository, package, found.Permission, caller)
            ? (false, Rights.RefuseToken(caller, name.Value) ?? Rights.RefuseNewName(name, policy))
            : (true, Rights.RefuseWrite(found.Repository, package, found.Permission, caller));
    }

    /// <summary>Locks an existing package for a change; a refusal when it is absent or the caller may not change it.</summary>
    public async Task<(Package? Package, Refusal? Refusal)> LockForChangeAsync(
        string repository, PackageName name, Caller caller, CancellationToken cancellationToken) =>
        await db.LockPackageAsync(repository, name, caller, cancellationToken) is { } locked
            ? (locked.Package, Rights.RefuseWrite(locked.Repository, locked.Package, locked.Permission, caller))
            : (null, Refusal.NotFound);

    /// <summary>Locks an existing package for a change that its readers may make; a refusal when it is absent or hidden, or the token may not.</summary>
    public async Task<(Package? Package, Refusal? Refusal)> LockForReaderAsync(
        string repository, PackageName name, Caller caller, CancellationToken cancellationToken) =>
        await db.LockPackageAsync(repository, name, caller, cancellationToken) is not { } locked ? (null, Refusal.NotFound)
        : Rights.IsHidden(locked.Repository, locked.Package, locked.Permission, caller) ? (locked.Package, Refusal.NotFound)
        : (locked.Package, Rights.RefuseToken(caller, name.Value));
}
