using System.Diagnostics.Metrics;

using Microsoft.Extensions.Hosting;

using Registry.ServiceDefaults;

namespace Registry.Messaging.Changes;

/// <summary>How far the service has come in the feed of changes.</summary>
internal sealed class ChangesMetrics(IMeterFactory meters, ServiceIdentity service, ChangesFollower follower) : IHostedService, IDisposable
{
    private readonly Meter _meter = meters.Create("registry.changes");

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _meter.CreateObservableGauge("registry.changes.position", () => Of(follower.Position), "{change}", "The last change that was dealt with.");
        _meter.CreateObservableGauge(
            "registry.changes.lag", () => Of(Math.Max(0, follower.Head - follower.Position)), "{change}", "Changes that were not dealt with yet.");
        _meter.CreateObservableGauge(
            "registry.changes.failures", () => Of(follower.ConsecutiveFailures), "{attempt}", "How often in a row following has failed.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    private Measurement<long> Of(long value) => new(value, new KeyValuePair<string, object?>("registry.service", service.Name));
}
