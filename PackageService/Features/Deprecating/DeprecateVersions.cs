using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Deprecating;

/// <summary>Says of versions why they should not be used any more, or that they may be again.</summary>
internal sealed class DeprecateVersions(PackageDbContext db, PackageChange change)
{
    private const int MaxLength = 4096;

    /// <summary>Deprecates versions.</summary>
    /// <param name="target">The package.</param>
    /// <param name="reasons">By version: why it is deprecated, or an empty text when it is not. Versions that are not there are passed over.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ChangeOutcome> ExecuteAsync(
        ChangeTarget target, IReadOnlyDictionary<string, string> reasons, CancellationToken cancellationToken) =>
        change.ExecuteAsync(target, (package, token) => DeprecateAsync(package, reasons, token), cancellationToken);

    private async Task<Changed> DeprecateAsync(Package package, IReadOnlyDictionary<string, string> reasons, CancellationToken cancellationToken)
    {
        if (reasons.Values.Any(reason => reason.Length > MaxLength))
        {
            return Changed.Not(RefusalReason.Invalid, "deprecation_too_long", $"A deprecation message has at most {MaxLength} characters");
        }

        var stored = await db.Versions.AsNoTracking().Where(v => v.PackageId == package.Id)
            .Select(v => new { v.Version, Reason = v.Deprecated ?? "" }).ToListAsync(cancellationToken);
        var different = stored.Where(v => reasons.TryGetValue(v.Version, out var reason) && reason != v.Reason)
            .Select(v => v.Version).ToLookup(version => reasons[version]);
        foreach (var versions in different)
        {
            await db.DeprecateAsync(package.Id, [.. versions], versions.Key.Length == 0 ? null : versions.Key, cancellationToken);
        }

        return new Changed(
        [
            .. HappeningOf([.. different.Where(one => one.Key.Length > 0).SelectMany(one => one)], isRemoved: false),
            .. HappeningOf([.. different[""]], isRemoved: true),
        ]);
    }

    /// <summary>One for all versions, however many: the feed is for those who read the package again.</summary>
    private static IEnumerable<Happening> HappeningOf(string[] versions, bool isRemoved)
    {
        if (versions.Length > 0)
        {
            yield return new Happening(
                PackageChangeKind.Deprecated, versions is [var only] ? only : null, isRemoved ? new ChangeDetail(Removed: true) : null);
        }
    }
}
