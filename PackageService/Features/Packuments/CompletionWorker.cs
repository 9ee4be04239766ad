using System.Diagnostics.CodeAnalysis;

namespace Registry.PackageService.Features.Packuments;

/// <summary>Once after each start, completes what versions from before an update lack. It can be ended at any time and goes on at the next start.</summary>
internal sealed partial class CompletionWorker(CompleteVersions versions, TimeProvider clock, ILogger<CompletionWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (await TryNextAsync(stoppingToken))
        {
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever the database says, it goes on.")]
    private async Task<bool> TryNextAsync(CancellationToken stoppingToken)
    {
        try
        {
            return await versions.NextAsync(stoppingToken);
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(failure);
            await Task.Delay(Pause, clock, stoppingToken);
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Versions from before an update could not be signed and prepared; it is tried again in half a minute")]
    private partial void LogFailed(Exception failure);
}
