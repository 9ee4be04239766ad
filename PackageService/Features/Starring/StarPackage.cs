using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Starring;

/// <summary>Gives the caller's star to a package, or takes it back: whoever may read a package may like it.</summary>
internal sealed class StarPackage(PackageDbContext db, PackageChange change, TimeProvider clock)
{
    /// <summary>Stars the package.</summary>
    /// <param name="target">The package.</param>
    /// <param name="isStarred">False takes the star back.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ChangeOutcome> ExecuteAsync(ChangeTarget target, bool isStarred, CancellationToken cancellationToken) =>
        change.ExecuteAsReaderAsync(target, (package, token) => StarAsync(package, target.Caller, isStarred, token), cancellationToken);

    private async Task<Changed> StarAsync(Package package, Contracts.Http.Caller caller, bool isStarred, CancellationToken cancellationToken)
    {
        var star = await db.Stars.SingleOrDefaultAsync(s => s.PackageId == package.Id && s.UserId == caller.UserId, cancellationToken);
        if (isStarred == star is not null)
        {
            return Changed.Nothing;
        }

        if (star is null)
        {
            db.Stars.Add(new Star { PackageId = package.Id, UserId = caller.UserId!, UserName = caller.UserName!, StarredAt = clock.GetDatabaseNow() });
        }
        else
        {
            db.Stars.Remove(star);
        }

        return Changed.By(new Happening(PackageChangeKind.Starred, null, new ChangeDetail(User: caller.UserName, Removed: isStarred ? null : true)));
    }
}
