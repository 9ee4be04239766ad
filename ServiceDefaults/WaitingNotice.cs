using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Registry.ServiceDefaults;

/// <summary>
/// A service starts whatever is there and waits for the rest. Until it is ready for the first time this says what for, since
/// an operator sees nothing else of it.
/// </summary>
internal sealed partial class WaitingNotice(HealthCheckService health, ServiceIdentity service, TimeProvider clock, ILogger<WaitingNotice> logger) : BackgroundService
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Then = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wait = First;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested || await IsReadyAsync(stoppingToken))
            {
                return;
            }

            wait = Then;
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(cancellationToken);
        if (report.Status != HealthStatus.Unhealthy)
        {
            LogReady(service.Name);
            return true;
        }

        LogWaiting(service.Name, string.Join("; ", report.Entries
            .Where(entry => entry.Value.Status == HealthStatus.Unhealthy).Select(entry => $"{entry.Key}: {entry.Value.Description}")));
        return false;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Service} service is ready")]
    private partial void LogReady(string service);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Service} service waits for {Missing}")]
    private partial void LogWaiting(string service, string missing);
}
