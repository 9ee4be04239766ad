using System.Collections.Concurrent;

using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Downloads;

/// <summary>
/// Downloads of everything public by day, added up at most once a minute for each repository, by one request while the others wait: anybody
/// may ask, and it reads all there is.
/// </summary>
internal sealed class DownloadTotals(IDbContextFactory<PackageDbContext> contexts, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, IReadOnlyDictionary<DateOnly, long> Days)> _known = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Downloads by day; days without any are left out. Nothing for a repository that does not exist.</summary>
    public async Task<IReadOnlyDictionary<DateOnly, long>> OfAsync(string repository, CancellationToken cancellationToken)
    {
        if (Known(repository) is { } known)
        {
            return known;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            return Known(repository) ?? await ReadAsync(repository, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private IReadOnlyDictionary<DateOnly, long>? Known(string repository) =>
        _known.TryGetValue(repository, out var known) && clock.GetUtcNow() - known.At < KeptFor ? known.Days : null;

    private async Task<IReadOnlyDictionary<DateOnly, long>> ReadAsync(string repository, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.FindRepositoryAsync(repository, cancellationToken) is null)
        {
            return new Dictionary<DateOnly, long>(); // not kept: a path may name any
        }

        var now = clock.GetUtcNow();
        var since = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-DownloadPeriod.MostDays);
        var days = (await db.DownloadTotalsAsync(repository, since, cancellationToken)).ToDictionary(static day => day.Day, static day => day.Count);
        _known[repository] = (now, days);
        return days;
    }
}
