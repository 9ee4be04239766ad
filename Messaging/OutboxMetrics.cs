using System.Diagnostics.Metrics;

using Registry.ServiceDefaults;

namespace Registry.Messaging;

/// <summary>What the outbox of a service reports: how much waits, for how long, what was sent and what failed.</summary>
internal sealed class OutboxMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly KeyValuePair<string, object?> _service;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _failed;
    private OutboxBacklog _backlog = new(0, 0);

    public OutboxMetrics(IMeterFactory meters, ServiceIdentity service)
    {
        _service = new("registry.service", service.Name);
        _meter = meters.Create("registry.outbox");
        _sent = _meter.CreateCounter<long>("registry.outbox.sent", "{event}", "Events the broker confirmed.");
        _failed = _meter.CreateCounter<long>("registry.outbox.failed", "{attempt}", "Attempts to send an event that failed.");
        _meter.CreateObservableGauge(
            "registry.outbox.lag", () => new Measurement<double>(_backlog.LagSeconds, _service), "s", "Age of the oldest event that waits.");
        _meter.CreateObservableGauge(
            "registry.outbox.pending", () => new Measurement<long>(_backlog.Pending, _service), "{event}", "Events that wait.");
    }

    public void Sent() => _sent.Add(1, _service);

    public void Failed() => _failed.Add(1, _service);

    public void Dispose() => _meter.Dispose();

    public void Measured(OutboxBacklog backlog) => _backlog = backlog;
}
