using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Unpublishing;

/// <summary>
/// Removes versions of a package, and the package with its last one. Their numbers are retired for ever; dist-tags that pointed at them are
/// dropped, but <c>latest</c> moves on (npm protocol 4.2).
/// </summary>
internal sealed class UnpublishVersions(PackageDbContext db, PackageChange change, TimeProvider clock)
{
    /// <summary>Removes the versions that are not kept.</summary>
    /// <param name="target">The package.</param>
    /// <param name="kept">The versions to keep.</param>
    /// <param name="latest">Where to point <c>latest</c> when its target is removed; passed over when that is not kept either.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ChangeOutcome> KeepAsync(ChangeTarget target, IReadOnlySet<string> kept, string? latest, CancellationToken cancellationToken) =>
        change.ExecuteAsync(
            target,
            async (package, token) =>
            {
                var versions = await db.Versions.Where(v => v.PackageId == package.Id).Select(v => v.Version).ToListAsync(token);
                return await RemoveAsync(package, [.. versions.Where(v => !kept.Contains(v))], (latest, target.Caller.UserName!), token);
            },
            cancellationToken);

    /// <summary>Removes one version; that it is gone already is as good.</summary>
    public Task<ChangeOutcome> RemoveAsync(ChangeTarget target, SemVersion version, CancellationToken cancellationToken) =>
        change.ExecuteAsync(
            target with { Revs = [] },
            async (package, token) =>
                !await db.Versions.AnyAsync(v => v.PackageId == package.Id && v.Version == version.Value, token) ? Changed.Nothing
                : target.Allows(package) ? await RemoveAsync(package, [version.Value], (null, target.Caller.UserName!), token)
                : new Changed(Refusal: Refusal.RevisionConflict),
            cancellationToken);

    private async Task<Changed> RemoveAsync(
        Package package, string[] versions, (string? Latest, string By) asked, CancellationToken cancellationToken)
    {
        if (versions.Length == 0)
        {
            return Changed.Nothing;
        }

        await db.RetireAsync(package, versions, (asked.By, clock.GetDatabaseNow()), cancellationToken);
        if (!await db.Versions.AnyAsync(v => v.PackageId == package.Id, cancellationToken))
        {
            await db.RemoveAsync(package, cancellationToken);
            return new Changed([new Happening(PackageChangeKind.Removed)], IsGone: true);
        }

        await FixTagsAsync(package, versions, asked.Latest, cancellationToken);
        return Changed.By(new Happening(PackageChangeKind.Unpublished, versions is [var only] ? only : null));
    }

    private async Task FixTagsAsync(Package package, string[] removed, string? latest, CancellationToken cancellationToken)
    {
        var tags = await db.DistTags.Where(t => t.PackageId == package.Id && removed.Contains(t.Version)).ToListAsync(cancellationToken);
        var orphan = tags.Find(tag => tag.Tag == DistTagName.Latest.Value);
        db.DistTags.RemoveRange(tags.Where(tag => tag != orphan));
        if (orphan is not null)
        {
            var isThere = latest is not null && await db.Versions.AnyAsync(v => v.PackageId == package.Id && v.Version == latest, cancellationToken);
            orphan.Version = isThere ? latest! : (await db.FindHighestStableAsync(package.Id, cancellationToken))!.Version;
            orphan.MovedByHand = false;
        }
    }
}
