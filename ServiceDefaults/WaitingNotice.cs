using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Registry.ServiceDefaults;

/// <summary>
/// A service starts whatever is there and waits for the rest. While it is not well this says every ten seconds what for, since
/// an operator sees nothing else of it, and once when it is.
/// </summary>
internal sealed partial class WaitingNotice(HealthCheckService health, ServiceIdentity service, TimeProvider clock, ILogger<WaitingNotice> logger) : BackgroundService
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Then = TimeSpan.FromSeconds(10);

    private bool _wasReady;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(First, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken);
            await Task.Delay(Then, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(cancellationToken);
        var isReady = report.Status != HealthStatus.Unhealthy;
        if (!isReady)
        {
            LogWaiting(service.Name, string.Join("; ", report.Entries
                .Where(entry => entry.Value.Status == HealthStatus.Unhealthy).Select(entry => $"{entry.Key}: {entry.Value.Description}")));
        }
        else if (!_wasReady)
        {
            LogReady(service.Name);
        }

        _wasReady = isReady;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Service} service is ready")]
    private partial void LogReady(string service);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Service} service waits for {Missing}")]
    private partial void LogWaiting(string service, string missing);
}
