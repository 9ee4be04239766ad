using System.Diagnostics.Metrics;

using Registry.PackageService.Features.Publishing;

namespace Registry.PackageService;

/// <summary>What PackageService counts: meter <c>registry.packages</c>.</summary>
internal sealed class PackageMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _publishes;
    private readonly Counter<long> _packuments;
    private readonly Histogram<double> _renderings;

    public PackageMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("registry.packages");
        _publishes = _meter.CreateCounter<long>("registry.packages.publishes", "{publish}", "Publishes by outcome.");
        _packuments = _meter.CreateCounter<long>("registry.packages.packuments", "{packument}", "Packuments served, by where they came from.");
        _renderings = _meter.CreateHistogram<double>("registry.packages.packument_rendering", "s", "Time to render a packument.");
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

    public void Dispose() => _meter.Dispose();
}
