using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.DistTags;

/// <summary>How moving or removing a dist-tag ended.</summary>
internal abstract record MoveDistTagOutcome
{
    private MoveDistTagOutcome()
    {
    }

    /// <summary>The tag is as asked for.</summary>
    internal sealed record Done(string Rev) : MoveDistTagOutcome;

    /// <summary>It is not; nothing was changed.</summary>
    internal sealed record Refused(Refusal Refusal) : MoveDistTagOutcome;
}

/// <summary>Which package, on whose behalf.</summary>
internal sealed record TaggedPackage(string Repository, PackageName Name, Caller Caller);

/// <summary>Points a dist-tag at a version, or removes it.</summary>
internal sealed class MoveDistTag(PackageDbContext db, PackageAccess access, ChangeLog changes, PackageTransaction transaction)
{
    /// <summary>Moves the tag.</summary>
    /// <param name="target">The package and the caller.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="version">Where to point it; null removes it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<MoveDistTagOutcome> ExecuteAsync(
        TaggedPackage target, DistTagName tag, SemVersion? version, CancellationToken cancellationToken) =>
        await transaction.RunAsync(token => DecideAsync(target, tag, version, token), cancellationToken)
        ?? new MoveDistTagOutcome.Refused(Refusal.Unavailable);

    private async Task<Decision<MoveDistTagOutcome>> DecideAsync(
        TaggedPackage target, DistTagName tag, SemVersion? version, CancellationToken cancellationToken)
    {
        var (package, refusal) = await access.LockForChangeAsync(target.Repository, target.Name, target.Caller, cancellationToken);
        if (refusal is not null)
        {
            return Refuse(refusal);
        }

        var row = await db.DistTags.SingleOrDefaultAsync(t => t.PackageId == package!.Id && t.Tag == tag.Value, cancellationToken);
        refusal = version is null ? RefuseRemoval(tag, row) : await RefuseMoveAsync(package!, version, cancellationToken);
        if (refusal is not null)
        {
            return Refuse(refusal);
        }

        if (version is not null && row is { MovedByHand: true } && row.Version == version.Value)
        {
            return new Decision<MoveDistTagOutcome>(new MoveDistTagOutcome.Done(package!.Rev)); // it points there already
        }

        Apply(package!, tag, version, row);
        var change = await changes.AppendAsync(
            target.Repository, package!, HappeningOf(tag, version?.Value ?? row!.Version, version is null), cancellationToken);
        return new Decision<MoveDistTagOutcome>(new MoveDistTagOutcome.Done(package!.Rev), change);
    }

    private static Happening HappeningOf(DistTagName tag, string version, bool isRemoved) =>
        new(PackageChangeKind.Tagged, version, new ChangeDetail(Tag: tag.Value, Removed: isRemoved ? true : null));

    private static Decision<MoveDistTagOutcome> Refuse(Refusal refusal) => new(new MoveDistTagOutcome.Refused(refusal));

    private static Refusal? RefuseRemoval(DistTagName tag, DistTag? row) =>
        tag == DistTagName.Latest
            ? new Refusal(RefusalReason.Invalid, "latest_required", "The dist-tag latest cannot be removed, only moved")
        : row is null ? new Refusal(RefusalReason.NotFound, "tag_not_found", $"dist-tag not found: {tag}")
        : null;

    private async Task<Refusal?> RefuseMoveAsync(Package package, SemVersion version, CancellationToken cancellationToken) =>
        await db.Versions.AnyAsync(v => v.PackageId == package.Id && v.Version == version.Value, cancellationToken)
            ? null
            : new Refusal(RefusalReason.NotFound, "version_not_found", $"version not found: {version}");

    private void Apply(Package package, DistTagName tag, SemVersion? version, DistTag? row)
    {
        if (version is null)
        {
            db.DistTags.Remove(row!);
            return;
        }

        if (row is null)
        {
            row = new DistTag { PackageId = package.Id, Tag = tag.Value, Version = version.Value };
            db.DistTags.Add(row);
        }

        row.Version = version.Value;
        row.MovedByHand = true;
    }
}
