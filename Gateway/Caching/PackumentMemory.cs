using Registry.Contracts.Http;

namespace Registry.Gateway.Caching;

/// <summary>Public packuments in memory, forgotten by package.</summary>
internal sealed class PackumentMemory
{
    // One large document must not push out everything else.
    public const int MaxBodyBytes = 8 * 1024 * 1024;
    private const int MaxEntries = 100_000;

    private readonly EvictableCache<PackumentKey, PackumentAnswer> _kept;

    public PackumentMemory(GatewayLayout layout, CacheMetrics metrics, TimeProvider clock)
    {
        _kept = new EvictableCache<PackumentKey, PackumentAnswer>(new CacheLimits(MaxEntries, layout.CacheBytes), clock);
        metrics.Observe("packuments", () => Tally);
    }

    /// <summary>What it holds and what it has done.</summary>
    public CacheTally Tally => _kept.Tally;

    /// <summary>Looks an answer up; see <see cref="EvictableCache{TKey,TValue}.Find"/>.</summary>
    public CacheLookup<PackumentAnswer> Find(PackumentKey key) => _kept.Find(key);

    /// <summary>The answer held, or null; starts no fill.</summary>
    public PackumentAnswer? Peek(PackumentKey key) => _kept.Peek(key);

    /// <summary>Forgets a package.</summary>
    public void Evict(string repository, string package) => _kept.Evict($"{repository}/{package}");

    /// <summary>Forgets the packages a service says its answer has changed.</summary>
    public void EvictChanged(HttpResponseMessage answer)
    {
        if (answer.Headers.TryGetValues(InternalHeaders.Changed, out var changed))
        {
            foreach (var package in changed.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)))
            {
                _kept.Evict(package);
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _kept.Clear();
}
