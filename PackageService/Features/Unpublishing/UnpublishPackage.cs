using Registry.Contracts.Events;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Unpublishing;

/// <summary>
/// Removes a whole package. Its versions leave tombstones, so that no number is ever given out again; their blobs stay until
/// collection finds that nothing refers to them.
/// </summary>
internal sealed class UnpublishPackage(PackageDbContext db, PackageChange change, TimeProvider clock)
{
    /// <summary>Removes the package.</summary>
    public Task<ChangeOutcome> ExecuteAsync(ChangeTarget target, CancellationToken cancellationToken) =>
        change.ExecuteAsync(target, (package, token) => RemoveAsync(package, target.Caller.UserName!, token), cancellationToken);

    private async Task<Changed> RemoveAsync(Package package, string removedBy, CancellationToken cancellationToken)
    {
        await db.EntombAsync(package, removedBy, clock.GetDatabaseNow(), cancellationToken);
        await db.RemoveAsync(package, cancellationToken);
        return new Changed([new Happening(PackageChangeKind.Removed)], IsGone: true);
    }
}
