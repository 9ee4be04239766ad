using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Registry.StorageService.Blobs;

/// <summary>
/// Ready means: a blob could be written now. The answer is kept for some seconds so that being asked costs nothing, and
/// there is never more than one probe at a time, because a probe of a disk that hangs occupies a thread.
/// </summary>
internal sealed class BlobStoreHealthCheck(IBlobStore store, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Task<HealthCheckResult>? _probe;
    private long _startedAt;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await CurrentProbe().WaitAsync(Patience, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The storage does not answer");
        }
    }

    private Task<HealthCheckResult> CurrentProbe()
    {
        lock (_gate)
        {
            if (_probe is null || (_probe.IsCompleted && clock.GetElapsedTime(_startedAt) > Kept))
            {
                _startedAt = clock.GetTimestamp();
                _probe = Task.Run(ProbeAsync, CancellationToken.None);
            }

            return _probe;
        }
    }

    private async Task<HealthCheckResult> ProbeAsync()
    {
        try
        {
            await store.ProbeAsync(CancellationToken.None);
            return HealthCheckResult.Healthy();
        }
        catch (BlobStoreException failure)
        {
            return HealthCheckResult.Unhealthy(
                failure.IsFull ? "The storage is full" : failure.IsRefused ? "The storage refuses access" : "The storage cannot be written");
        }
    }
}
