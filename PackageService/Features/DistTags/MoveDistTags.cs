using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.DistTags;

/// <summary>Where dist-tags are to point.</summary>
/// <param name="Versions">By tag: its version; null removes the tag.</param>
/// <param name="IsWhole">Tags that are not among them are removed.</param>
internal sealed record TagMoves(IReadOnlyDictionary<DistTagName, SemVersion?> Versions, bool IsWhole = false)
{
    /// <summary>One tag.</summary>
    public static TagMoves Of(DistTagName tag, SemVersion? version) => new(new Dictionary<DistTagName, SemVersion?> { [tag] = version });
}

/// <summary>Points dist-tags at versions, or removes them. <c>latest</c> stays while the package does (npm protocol 4.2).</summary>
internal sealed class MoveDistTags(PackageDbContext db, PackageChange change)
{
    /// <summary>Moves the tags, all or none.</summary>
    public Task<ChangeOutcome> ExecuteAsync(ChangeTarget target, TagMoves moves, CancellationToken cancellationToken) =>
        change.ExecuteAsync(target, (package, token) => MoveAsync(package, moves, token), cancellationToken);

    private async Task<Changed> MoveAsync(Package package, TagMoves moves, CancellationToken cancellationToken)
    {
        var rows = await db.DistTags.Where(t => t.PackageId == package.Id).ToDictionaryAsync(t => t.Tag, cancellationToken);
        var wanted = moves.Versions.ToDictionary(move => move.Key.Value, move => move.Value?.Value);
        foreach (var tag in moves.IsWhole ? rows.Keys.Except(wanted.Keys).ToList() : [])
        {
            wanted.Add(tag, null);
        }

        return RefuseRemoval(wanted, rows) ?? await RefuseMoveAsync(package, wanted, cancellationToken)
            ?? new Changed([.. wanted.Select(move => Move(package, move, rows.GetValueOrDefault(move.Key))).OfType<Happening>()]);
    }

    private static Changed? RefuseRemoval(Dictionary<string, string?> wanted, Dictionary<string, DistTag> rows)
    {
        var removed = wanted.Where(move => move.Value is null).Select(move => move.Key).ToList();
        return removed.Contains(DistTagName.Latest.Value)
                ? Changed.Not(RefusalReason.Invalid, "latest_required", "The dist-tag latest cannot be removed, only moved")
            : removed.Find(tag => !rows.ContainsKey(tag)) is { } absent
                ? Changed.Not(RefusalReason.NotFound, "tag_not_found", $"dist-tag not found: {absent}")
            : null;
    }

    private async Task<Changed?> RefuseMoveAsync(Package package, Dictionary<string, string?> wanted, CancellationToken cancellationToken)
    {
        var targets = wanted.Values.OfType<string>().Distinct().ToArray();
        var found = await db.Versions.Where(v => v.PackageId == package.Id && targets.Contains(v.Version)).Select(v => v.Version).ToListAsync(cancellationToken);
        return targets.Except(found).FirstOrDefault() is { } absent
            ? Changed.Not(RefusalReason.NotFound, "version_not_found", $"version not found: {absent}")
            : null;
    }

    /// <returns>Null when it points there already.</returns>
    private Happening? Move(Package package, KeyValuePair<string, string?> move, DistTag? row)
    {
        var (tag, version) = move;
        if (version is null)
        {
            db.DistTags.Remove(row!);
            return new Happening(PackageChangeKind.Tagged, row!.Version, new ChangeDetail(Tag: tag, Removed: true));
        }

        if (row is { MovedByHand: true } && row.Version == version)
        {
            return null;
        }

        if (row is null)
        {
            row = new DistTag { PackageId = package.Id, Tag = tag, Version = version };
            db.DistTags.Add(row);
        }

        (row.Version, row.MovedByHand) = (version, true);
        return new Happening(PackageChangeKind.Tagged, version, new ChangeDetail(Tag: tag));
    }
}
