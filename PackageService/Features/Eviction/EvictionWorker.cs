using System.Diagnostics.CodeAnalysis;

namespace Registry.PackageService.Features.Eviction;

/// <summary>Makes room every five minutes, in one process at a time.</summary>
internal sealed partial class EvictionWorker(IServiceScopeFactory scopes, TimeProvider clock, ILogger<EvictionWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryMakeRoomAsync(stoppingToken);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever the database or the store says, it goes on.")]
    private async Task TryMakeRoomAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            if (await scope.ServiceProvider.GetRequiredService<EvictProxied>().ExecuteAsync(dryRun: false, stoppingToken) is { Tarballs: > 0 } made)
            {
                LogMadeRoom(made.Tarballs, made.Bytes);
            }
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Made room: {Tarballs} proxied tarballs of {Bytes} bytes have left")]
    private partial void LogMadeRoom(int tarballs, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No room could be made; it is tried again in five minutes")]
    private partial void LogFailed(Exception failure);
}
