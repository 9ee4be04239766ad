using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Proxying;
using Registry.PackageService.Storage;

namespace Registry.PackageService.Features.Eviction;

/// <summary>
/// Makes room: proxied tarballs that nobody used for long, or that are too many, leave, those used longest ago first (complaint 7). A blob that a
/// published version or another proxied one refers to stays; so does one that was put again just now.
/// </summary>
internal sealed class EvictProxied(
    IDbContextFactory<PackageDbContext> contexts, UpstreamDirectory directory, UsageLog usage, StorageClient storage, IOptions<ProxyOptions> options, TimeProvider clock)
{
    private const int Batch = 500;
    private const int MostShown = 100;

    /// <summary>Makes room, or says what would leave.</summary>
    /// <returns>Null when another process is at it.</returns>
    /// <exception cref="HttpRequestException">StorageService could not be reached; what has left so far has left.</exception>
    public async Task<EvictionResponse?> ExecuteAsync(bool dryRun, CancellationToken cancellationToken)
    {
        await usage.WriteAsync(cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rule = await RuleAsync(db, cancellationToken);
        if (dryRun)
        {
            var all = await db.TarballsToEvictAsync(rule, int.MaxValue, cancellationToken);
            return new EvictionResponse(true, all.Count, all.Sum(static tarball => tarball.SizeBytes), await db.EvictPackumentsAsync(rule, dryRun, cancellationToken), Shown(all));
        }

        await using var holder = await contexts.CreateDbContextAsync(cancellationToken);
        await using var held = await holder.Database.BeginTransactionAsync(cancellationToken); // from the first batch to the last
        return await holder.TryLockEvictionAsync(cancellationToken) ? await EvictAsync(db, rule, cancellationToken) : null;
    }

    private static IReadOnlyList<EvictedTarball> Shown(IEnumerable<EvictableTarball> tarballs) =>
        [.. tarballs.Take(MostShown).Select(static tarball => new EvictedTarball(tarball.Upstream, tarball.Name, tarball.Version, tarball.SizeBytes, tarball.UsedAt))];

    private async Task<EvictionRule> RuleAsync(PackageDbContext db, CancellationToken cancellationToken)
    {
        var (now, idle) = (clock.GetUtcNow(), options.Value.MaxIdleDays);
        return new EvictionRule(
            options.Value.CacheBytes,
            Math.Max(options.Value.CacheBytes / 4, 1),
            idle == 0 ? DateTimeOffset.UnixEpoch : now.AddDays(-idle),
            now.AddMinutes(-options.Value.KeepMinutes),
            [.. await UpstreamsAsync(db, cancellationToken)]);
    }

    /// <summary>Those whose packages stay. While upstreams are switched off nobody knows those of the file, and nobody has removed them.</summary>
    private async Task<IEnumerable<string>> UpstreamsAsync(PackageDbContext db, CancellationToken cancellationToken) =>
        options.Value.Enabled
            ? (await directory.GetLatestAsync(cancellationToken)).All.Select(static upstream => upstream.Name)
            : (await db.KeptOfUpstreamsAsync(cancellationToken)).Select(static kept => kept.Upstream);

    private async Task<EvictionResponse> EvictAsync(PackageDbContext db, EvictionRule rule, CancellationToken cancellationToken)
    {
        var gone = new List<EvictableTarball>();
        while (await EvictBatchAsync(db, rule, cancellationToken) is { Count: > 0 } batch)
        {
            gone.AddRange(batch);
        }

        var packuments = 0;
        for (var left = EvictionQueries.MostPackuments; left == EvictionQueries.MostPackuments; packuments += left)
        {
            left = await db.EvictPackumentsAsync(rule, dryRun: false, cancellationToken);
        }

        return new EvictionResponse(false, gone.Count, gone.Sum(static tarball => tarball.SizeBytes), packuments, Shown(gone));
    }

    /// <returns>What has left; empty when nothing has to any more.</returns>
    private async Task<List<EvictableTarball>> EvictBatchAsync(PackageDbContext db, EvictionRule rule, CancellationToken cancellationToken)
    {
        var gone = new List<EvictableTarball>();
        foreach (var tarball in await db.TarballsToEvictAsync(rule, Batch, cancellationToken))
        {
            if (await db.ForgetTarballAsync(tarball, cancellationToken) > 0)
            {
                gone.Add(tarball);
            }
        }

        await DeleteBlobsAsync(db, [.. gone.Select(static tarball => tarball.Digest).Distinct()], rule.StoredBefore, cancellationToken);
        return gone;
    }

    /// <summary>Looked up after the rows are gone: whoever refers to a blob from now on has put it again, which its lease tells.</summary>
    private async Task DeleteBlobsAsync(PackageDbContext db, IReadOnlyList<string> digests, DateTimeOffset leasedBefore, CancellationToken cancellationToken)
    {
        var referred = await db.ReferredBlobsAsync(digests, cancellationToken);
        foreach (var digest in digests.Except(referred))
        {
            await storage.DeleteAsync(digest, leasedBefore, cancellationToken);
        }
    }
}
