using System.Diagnostics.Metrics;

using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Proxying;
using Registry.Upstreams;

namespace Registry.PackageService;

/// <summary>What PackageService counts: meter <c>registry.packages</c>.</summary>
internal sealed class PackageMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _publishes;
    private readonly Counter<long> _packuments;
    private readonly Histogram<double> _renderings;
    private readonly Histogram<double> _upstreamQuestions;
    private readonly Counter<long> _upstreamLookups;
    private readonly Counter<long> _hookDeliveries;

    public PackageMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("registry.packages");
        _publishes = _meter.CreateCounter<long>("registry.packages.publishes", "{publish}", "Publishes by outcome.");
        _packuments = _meter.CreateCounter<long>("registry.packages.packuments", "{packument}", "Packuments served, by where they came from.");
        _renderings = _meter.CreateHistogram<double>("registry.packages.packument_rendering", "s", "Time to render a packument.");
        _upstreamQuestions = _meter.CreateHistogram<double>("registry.packages.upstream_question", "s", "Time of questions to upstreams, by upstream and outcome.");
        _upstreamLookups = _meter.CreateCounter<long>("registry.packages.upstream_lookups", "{lookup}", "Packuments of upstreams looked for, by upstream and what was kept.");
        _hookDeliveries = _meter.CreateCounter<long>("registry.packages.hook_deliveries", "{attempt}", "Attempts to tell hooks, by outcome.");
    }

    public void Published(PublishOutcome outcome) =>
        _publishes.Add(1, new KeyValuePair<string, object?>("outcome", outcome switch
        {
            PublishOutcome.Published => "published",
            PublishOutcome.VersionExists => "version_exists",
            PublishOutcome.Refused refused => refused.Refusal.Code,
            _ => "unknown",
        }));

    public void ServedPackument(bool fromMemory) =>
        _packuments.Add(1, new KeyValuePair<string, object?>("source", fromMemory ? "memory" : "rendered"));

    public void RenderedPackument(TimeSpan duration) => _renderings.Record(duration.TotalSeconds);

    public void AskedUpstream(string upstream, RegistryFailure? failure, TimeSpan took) =>
        _upstreamQuestions.Record(
            took.TotalSeconds,
            new KeyValuePair<string, object?>("upstream", upstream),
            new KeyValuePair<string, object?>("outcome", failure is null ? "answered" : failure.Value.ToString().ToLowerInvariant()));

    public void LookedUpUpstream(string upstream, CacheState state) =>
        _upstreamLookups.Add(
            1, new KeyValuePair<string, object?>("upstream", upstream), new KeyValuePair<string, object?>("cache", state.ToString().ToLowerInvariant()));

    public void DeliveredHook(string outcome) => _hookDeliveries.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Shows which upstreams are failing.</summary>
    public void ObserveCircuits(Func<IEnumerable<(string Upstream, bool IsOpen)>> circuits) =>
        _meter.CreateObservableGauge(
            "registry.packages.upstream_failing",
            () => circuits().Select(static circuit => new Measurement<int>(circuit.IsOpen ? 1 : 0, new KeyValuePair<string, object?>("upstream", circuit.Upstream))),
            "{upstream}",
            "1 while an upstream fails, by upstream.");

    public void Dispose() => _meter.Dispose();
}
