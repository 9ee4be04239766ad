using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.PackageService.Signing;

namespace Registry.PackageService.Features.Packuments;

/// <summary>
/// Gives versions from before what publishing gives new ones: a signature and fragments. Whoever reads a document completes its package
/// first, since what was read must not read differently afterwards; the rest follows in the background.
/// </summary>
internal sealed class CompleteVersions(IDbContextFactory<PackageDbContext> contexts, SigningKeys keys)
{
    private const int Batch = 200;

    /// <summary>Completes every version of a package.</summary>
    public async Task OfPackageAsync(long packageId, CancellationToken cancellationToken)
    {
        while (await CompleteAsync(packageId, cancellationToken))
        {
        }
    }

    /// <summary>Completes the next versions of all packages.</summary>
    /// <returns>False when nothing is left, or all that is left is in the hands of others.</returns>
    public Task<bool> NextAsync(CancellationToken cancellationToken) => CompleteAsync(null, cancellationToken);

    private async Task<bool> CompleteAsync(long? packageId, CancellationToken cancellationToken)
    {
        var key = await keys.CurrentAsync(cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var ids = await db.LockIncompleteAsync(packageId, Batch, cancellationToken);
        var versions = await (
            from version in db.Versions.Include(v => v.Fragments)
            join package in db.Packages on version.PackageId equals package.Id
            where ids.Contains(version.Id)
            orderby version.Id
            select new { Version = version, package.Name }).ToListAsync(cancellationToken);
        foreach (var found in versions)
        {
            var (version, name) = (found.Version, PackageName.Parse(found.Name));
            key.Sign(version.Fragments!, version, name);
            VersionDocument.Write(version.Fragments!, version, name);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ids.Count > 0;
    }
}
