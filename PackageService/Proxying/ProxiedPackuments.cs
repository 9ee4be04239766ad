using System.Collections.Concurrent;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Proxying;

/// <summary>
/// What each upstream says of each package, kept in the database: asked for once however many want it, served as long as its upstream's
/// configuration says, and longer while the upstream fails (RFC 5861). A failure is never taken for an absence.
/// </summary>
internal sealed class ProxiedPackuments(
    IDbContextFactory<PackageDbContext> contexts, PackumentFetch fetch, ParsedPackuments parsed, PackageMetrics metrics, TimeProvider clock) : IDisposable
{
    private const int MostKnown = 100_000;
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1); // what failed, while something is served in its place

    private readonly ConcurrentDictionary<PackumentAddress, Lazy<Task<PackumentLookup>>> _fetching = new();
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MostKnown });

    /// <summary>Looks for a packument.</summary>
    public async Task<PackumentLookup> FindAsync(
        Upstream upstream, PackageName name, bool abbreviated, Freshness freshness, CancellationToken cancellationToken)
    {
        var at = new PackumentAddress(upstream.Name, name.Value, abbreviated);
        var known = await FindKnownAsync(at, cancellationToken);
        if (known is null && abbreviated && await FindWholeAsync(upstream, at, freshness, cancellationToken) is { } whole)
        {
            return whole;
        }

        var isSame = known?.CheckedAt is not null && known.Source == upstream.Source;
        if (isSame && Serve(upstream, known!, freshness) is { } kept)
        {
            if (kept.State == CacheState.Stale && !(clock.GetUtcNow() - known!.FailedAt < AskAgainAfter))
            {
                _ = FetchAsync(upstream, name, (at, freshness), known); // those who come later get what it brings
            }

            metrics.LookedUpUpstream(upstream.Name, kept.State);
            return kept;
        }

        var fetched = await FetchAsync(upstream, name, (at, freshness), known).WaitAsync(cancellationToken);
        var answer = fetched.IsUnknown && await FindInsteadAsync(upstream, at, known, cancellationToken) is { } stale
            ? new PackumentLookup(stale, CacheState.Stale, fetched.Failure)
            : fetched;
        metrics.LookedUpUpstream(upstream.Name, answer.State);
        return answer;
    }

    /// <summary>The JSON of a packument that was found; null when the upstream does not have it any more.</summary>
    /// <exception cref="TimeoutException">It left to make room, and cannot be had again now.</exception>
    public Task<PackumentBody?> ReadAsync(Proxied.Found found, PackageName name, CancellationToken cancellationToken) =>
        ReadAsync(found, name, () => parsed.ReadAsync(found.AddressOf(name), cancellationToken), cancellationToken);

    /// <inheritdoc cref="ParsedPackuments.DocumentAsync"/>
    /// <exception cref="TimeoutException">It left to make room, and cannot be had again now.</exception>
    public Task<ProxiedDocument?> DocumentAsync(Proxied.Found found, PackageName name, CancellationToken cancellationToken) =>
        ReadAsync(found, name, () => parsed.DocumentAsync(found, name, cancellationToken), cancellationToken);

    /// <inheritdoc cref="ParsedPackuments.PromisesAsync"/>
    /// <exception cref="TimeoutException">It left to make room, and cannot be had again now.</exception>
    public Task<IReadOnlyDictionary<string, TarballPromise>?> PromisesAsync(Proxied.Found found, PackageName name, CancellationToken cancellationToken) =>
        ReadAsync(found, name, () => parsed.PromisesAsync(found, name, cancellationToken), cancellationToken);

    /// <summary>Forgets what this process holds of a packument.</summary>
    public void Forget(PackumentAddress at) => _known.Remove(at);

    public void Dispose() => _known.Dispose();

    /// <summary>The full packument, which has everything the abbreviated one has, when it is kept and new enough.</summary>
    private async Task<PackumentLookup?> FindWholeAsync(Upstream upstream, PackumentAddress abbreviated, Freshness freshness, CancellationToken cancellationToken)
    {
        var known = await FindKnownAsync(abbreviated with { Abbreviated = false }, cancellationToken);
        return known is { CheckedAt: not null, Revision: not null } && known.Source == upstream.Source
            && Serve(upstream, known, freshness) is { State: CacheState.Fresh } whole
            ? whole
            : null;
    }

    /// <summary>What is kept, when it will do.</summary>
    private PackumentLookup? Serve(Upstream upstream, KnownPackument known, Freshness freshness)
    {
        var cache = upstream.Config.Cache;
        var age = clock.GetUtcNow() - known.CheckedAt!.Value;
        var isAbsent = known.Revision is null;
        var maxAge = isAbsent ? cache.NotFoundMaxAge : cache.MaxAge;
        if (freshness == Freshness.Latest)
        {
            return age <= PackumentFetch.AtMostBehind ? new PackumentLookup(known, CacheState.Fresh) : null;
        }

        if (age <= maxAge || (freshness == Freshness.Any && !isAbsent))
        {
            return new PackumentLookup(known, CacheState.Fresh);
        }

        var mayBeStale = upstream.Circuit.IsOpen ? age <= maxAge + cache.StaleIfError : age <= maxAge + cache.StaleWhileRevalidate;
        return mayBeStale && !isAbsent ? new PackumentLookup(known, CacheState.Stale) : null;
    }

    /// <summary>The upstream fails: what it said last holds a while, an absence too, since it was an answer and no failure.</summary>
    private bool IsBetterThanNothing(Upstream upstream, KnownPackument known) =>
        known.CheckedAt is { } checkedAt
        && clock.GetUtcNow() - checkedAt <= upstream.Config.Cache.MaxAge + upstream.Config.Cache.StaleIfError
        && (known.Revision is not null || known.Source == upstream.Source);

    /// <summary>Reads what was found. When another process made room, which this one has not heard of, that is no absence: it is asked for again.</summary>
    private async Task<T?> ReadAsync<T>(Proxied.Found found, PackageName name, Func<Task<T?>> read, CancellationToken cancellationToken)
        where T : class
    {
        if (await read() is { } kept)
        {
            return kept;
        }

        var at = found.AddressOf(name);
        Forget(at);
        var again = await FetchAsync(found.Upstream, name, (at, Freshness.Normal), null).WaitAsync(cancellationToken);
        return again.IsUnknown ? throw new TimeoutException(again.Failure!.Message) : await read();
    }

    /// <summary>What is served while the upstream fails. Who wants the abbreviated packument can be served from the full one, not the other way round.</summary>
    private async Task<KnownPackument?> FindInsteadAsync(
        Upstream upstream, PackumentAddress at, KnownPackument? known, CancellationToken cancellationToken)
    {
        if (known is not null && IsBetterThanNothing(upstream, known))
        {
            return known;
        }

        var full = at.Abbreviated ? await FindKnownAsync(at with { Abbreviated = false }, cancellationToken) : null;
        return full?.Revision is not null && IsBetterThanNothing(upstream, full) ? full : null;
    }

    private async Task<KnownPackument?> FindKnownAsync(PackumentAddress at, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(at, out KnownPackument? held))
        {
            return held;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await db.KnownPackumentsAsync(at.Name, cancellationToken);
        var found = rows.Find(row => row.Upstream == at.Upstream && row.Abbreviated == at.Abbreviated);
        return found?.CheckedAt is null ? found : Remember(at, found); // where nothing is known yet, another process may learn it first
    }

    /// <summary>One question at a time for each packument; it goes on when those who asked have left.</summary>
    private Task<PackumentLookup> FetchAsync(Upstream upstream, PackageName name, (PackumentAddress At, Freshness Freshness) wanted, KnownPackument? known) =>
        _fetching.GetOrAdd(wanted.At, static (_, all) => new Lazy<Task<PackumentLookup>>(() => all.Self.RunAsync(all.Upstream, all.Name, all.Wanted, all.Known)),
            (Self: this, Upstream: upstream, Name: name, Wanted: wanted, Known: known)).Value;

    private async Task<PackumentLookup> RunAsync(Upstream upstream, PackageName name, (PackumentAddress At, Freshness Freshness) wanted, KnownPackument? known)
    {
        var at = wanted.At;
        await Task.Yield();
        try
        {
            var fetched = await fetch.ExecuteAsync(upstream, name, wanted, known);
            if (fetched.Kept is { } kept)
            {
                parsed.Remember(at, kept.Revision, kept.Tarballs);
            }

            if (!fetched.Lookup.IsUnknown)
            {
                Remember(at, fetched.Lookup.Known!);
            }
            else if (known?.CheckedAt is not null)
            {
                Remember(at, known with { FailedAt = clock.GetUtcNow() });
            }

            return fetched.Lookup;
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException("A packument did not come in time.", late);
        }
        finally
        {
            _fetching.TryRemove(at, out _);
        }
    }

    private KnownPackument Remember(PackumentAddress at, KnownPackument known) =>
        _known.Set(at, known, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = TimeSpan.FromMinutes(30) });
}
