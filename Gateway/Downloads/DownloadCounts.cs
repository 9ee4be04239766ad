using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;

using Registry.Contracts.Http.Packages;

namespace Registry.Gateway.Downloads;

/// <summary>Downloads since they were last taken away, in memory: a download writes nothing (DESIGN 5).</summary>
internal sealed class DownloadCounts : IDisposable
{
    /// <summary>Tarballs counted at most, by day; downloads of others are dropped until these were taken away.</summary>
    public const int MostTarballs = 50_000;

    private readonly Meter _meter;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private Dictionary<(string Tarball, DateOnly Day), long> _counts = [];
    private long _counted;
    private long _dropped;

    public DownloadCounts(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        _meter = meters.Create("registry.gateway");
        _meter.CreateObservableCounter("registry.gateway.downloads", Outcomes, "{download}", "Tarballs sent as a whole: counted, or dropped for want of room.");
    }

    /// <summary>Counts a download.</summary>
    public void Add(Download download)
    {
        var key = (download.Tarball, DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime));
        lock (_gate)
        {
            if (_counts.Count >= MostTarballs && !_counts.ContainsKey(key))
            {
                _dropped++;
                return;
            }

            CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _)++;
            _counted++;
        }
    }

    /// <summary>Takes away what was counted.</summary>
    public IReadOnlyList<DownloadCount> Take()
    {
        Dictionary<(string Tarball, DateOnly Day), long> taken;
        lock (_gate)
        {
            (taken, _counts) = (_counts, []);
        }

        return [.. taken.Select(static count => new DownloadCount(count.Key.Tarball, count.Key.Day, count.Value))];
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Outcomes()
    {
        lock (_gate)
        {
            return [Of("counted", _counted), Of("dropped", _dropped)];
        }
    }

    private static Measurement<long> Of(string outcome, long value) => new(value, new KeyValuePair<string, object?>("outcome", outcome));
}
