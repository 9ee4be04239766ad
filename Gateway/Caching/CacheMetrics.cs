using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Registry.Gateway.Caching;

/// <summary>What the Gateway's memories report; the label <c>cache</c> says which.</summary>
internal sealed class CacheMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly ConcurrentDictionary<string, Func<CacheTally>> _caches = new(StringComparer.Ordinal);

    public CacheMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("registry.gateway");
        _meter.CreateObservableGauge("registry.gateway.cache.entries", () => Each(static tally => tally.Entries), "{entry}", "Answers held.");
        _meter.CreateObservableGauge("registry.gateway.cache.bytes", () => Each(static tally => tally.Bytes), "By", "What they take.");
        _meter.CreateObservableCounter("registry.gateway.cache.lookups", Lookups, "{lookup}", "Look-ups: found, waited for another's, or missed.");
        _meter.CreateObservableCounter(
            "registry.gateway.cache.displaced", () => Each(static tally => tally.Displaced), "{entry}", "Answers that left because the cache was full.");
    }

    /// <summary>Reports a cache from now on.</summary>
    public void Observe(string cache, Func<CacheTally> tally) => _caches[cache] = tally;

    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Of(string cache, long value) => new(value, new KeyValuePair<string, object?>("cache", cache));

    private static Measurement<long> Of(string cache, string outcome, long value) =>
        new(value, new KeyValuePair<string, object?>("cache", cache), new KeyValuePair<string, object?>("outcome", outcome));

    private IEnumerable<Measurement<long>> Each(Func<CacheTally, long> part) => _caches.Select(cache => Of(cache.Key, part(cache.Value())));

    private IEnumerable<Measurement<long>> Lookups()
    {
        foreach (var (cache, read) in _caches)
        {
            var tally = read();
            yield return Of(cache, "hit", tally.Hits);
            yield return Of(cache, "wait", tally.Waits);
            yield return Of(cache, "miss", tally.Misses);
        }
    }
}
