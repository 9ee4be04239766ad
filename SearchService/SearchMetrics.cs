using System.Diagnostics.Metrics;

using Registry.SearchService.Index;

namespace Registry.SearchService;

/// <summary>What search reports: how long queries take and what became of documents.</summary>
internal sealed class SearchMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _documents;
    private readonly Counter<long> _requests;

    public SearchMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("registry.search");
        _duration = _meter.CreateHistogram<double>("registry.search.duration", "s", "Time to answer a query, by dialect and whether the upstreams answered.");
        _documents = _meter.CreateCounter<long>("registry.search.documents", "{document}", "Documents re-read, by engine and what became of them.");
        _requests = _meter.CreateCounter<long>("registry.search.engine.requests", "{request}", "Requests to the search engine, by operation and outcome.");
    }

    public void Searched(string dialect, string upstreams, TimeSpan duration) =>
        _duration.Record(
            duration.TotalSeconds, new KeyValuePair<string, object?>("dialect", dialect), new KeyValuePair<string, object?>("upstreams", upstreams));

    public void Indexed(string engine, IndexOutcome outcome) =>
        _documents.Add(
            1,
            new KeyValuePair<string, object?>("engine", engine),
            new KeyValuePair<string, object?>("outcome", outcome switch { IndexOutcome.Applied => "applied", IndexOutcome.Refused => "refused", _ => "ignored" }));

    public void Requested(string operation, string outcome) =>
        _requests.Add(1, new KeyValuePair<string, object?>("operation", operation), new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose() => _meter.Dispose();
}
