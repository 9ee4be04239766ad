using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Features.Downloads;

/// <summary>Downloads of a package, or of everything public, in a period.</summary>
/// <param name="Days">The first and last day.</param>
/// <param name="ByDay">Downloads by day; days without any are left out.</param>
internal sealed record Downloads((DateOnly Start, DateOnly End) Days, IReadOnlyDictionary<DateOnly, long> ByDay)
{
    /// <summary>In the whole period.</summary>
    public long Total => EachDay.Sum(static day => day.Count);

    /// <summary>Every day of the period, in order.</summary>
    public IEnumerable<(DateOnly Day, long Count)> EachDay =>
        Enumerable.Range(Days.Start.DayNumber, Days.End.DayNumber - Days.Start.DayNumber + 1)
            .Select(DateOnly.FromDayNumber)
            .Select(day => (day, ByDay.GetValueOrDefault(day)));
}

/// <summary>
/// Says how often packages were downloaded to those who may know of them: readers of what is published here, and everybody who may use the
/// repository of what was downloaded from an upstream.
/// </summary>
internal sealed class ReadDownloads(PackageDbContext db, PackageAccess access, DownloadTotals totals, TimeProvider clock)
{
    /// <summary>Downloads of packages by name; those the caller may not know of, or nobody does, are not in it.</summary>
    public async Task<IReadOnlyDictionary<string, Downloads>> OfAsync(
        MountContext mount, Caller caller, IReadOnlyList<PackageName> names, DownloadPeriod period, CancellationToken cancellationToken)
    {
        var (known, days) = (await KnownAsync(mount, caller, names, cancellationToken), DaysOf(period));
        var counts = await db.DownloadsByDayAsync(mount.Repository, known, days, cancellationToken);
        return known.ToDictionary(
            static name => name,
            name => new Downloads(days, counts.Where(count => count.Name == name).ToDictionary(static count => count.Day, static count => count.Count)),
            StringComparer.Ordinal);
    }

    /// <summary>Downloads of all that everyone may read.</summary>
    public async Task<Downloads> OfEverythingAsync(MountContext mount, DownloadPeriod period, CancellationToken cancellationToken) =>
        new(DaysOf(period), await totals.OfAsync(mount.Repository, cancellationToken));

    /// <summary>Last week's downloads by version; null when the caller may not know of the package, or nobody does.</summary>
    public async Task<IReadOnlyDictionary<string, long>?> ByVersionAsync(MountContext mount, Caller caller, PackageName name, CancellationToken cancellationToken) =>
        (await KnownAsync(mount, caller, [name], cancellationToken)).Count == 0
            ? null
            : await db.DownloadsByVersionAsync(mount.Repository, name.Value, DaysOf(DownloadPeriod.LastWeek), cancellationToken);

    /// <summary>Last week's downloads of a package that the caller may read.</summary>
    public async Task<long> LastWeekAsync(string repository, string name, CancellationToken cancellationToken) =>
        (await db.DownloadsByDayAsync(repository, [name], DaysOf(DownloadPeriod.LastWeek), cancellationToken)).Sum(static day => day.Count);

    private (DateOnly Start, DateOnly End) DaysOf(DownloadPeriod period) => period.Until(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));

    private async Task<IReadOnlyList<string>> KnownAsync(MountContext mount, Caller caller, IReadOnlyList<PackageName> names, CancellationToken cancellationToken)
    {
        var readable = await access.FindReadableAsync(mount.Repository, [.. names.Select(static name => name.Value)], caller, cancellationToken);
        var others = names.Where(name => !readable.ContainsKey(name.Value)).Select(static name => (name.Value, name.Folded)).ToList();
        return others.Count == 0 || !mount.UsesUpstreams
            ? [.. readable.Keys]
            : [.. readable.Keys, .. await db.DownloadedFromUpstreamsAsync(mount.Repository, others, caller.IsSignedIn(), cancellationToken)];
    }
}
