using System.Diagnostics.Metrics;

namespace Registry.SearchService;

/// <summary>What search reports: how long queries take, and what became of documents.</summary>
internal sealed class SearchMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _documents;

    public SearchMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("registry.search");
        _duration = _meter.CreateHistogram<double>("registry.search.duration", "s", "Time to answer a query.");
        _documents = _meter.CreateCounter<long>("registry.search.documents", "{document}", "Documents re-read, by what became of them.");
    }

    public void Searched(string dialect, TimeSpan duration) =>
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("dialect", dialect));

    public void Indexed(string outcome) => _documents.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose() => _meter.Dispose();
}
