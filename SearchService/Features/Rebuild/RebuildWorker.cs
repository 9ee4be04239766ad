using System.Diagnostics.CodeAnalysis;

using Registry.Messaging.Changes;
using Registry.SearchService.Data;

namespace Registry.SearchService.Features.Rebuild;

/// <summary>Works on a rebuild when there is one that no other process works on.</summary>
internal sealed partial class RebuildWorker(
    RebuildLedger ledger, RebuildIndex rebuild, ChangesFollower follower, TimeProvider clock, ILogger<RebuildWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReleaseWithin = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await WorkAsync(stoppingToken);
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await ReleaseAsync();
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever fails is noted and tried again.")]
    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await ledger.TakeAsync(cancellationToken) && await rebuild.ExecuteAsync(cancellationToken))
            {
                await follower.ReloadAsync(cancellationToken); // other processes notice within a second
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping: whoever runs next goes on.
        }
        catch (RebuildTakenException taken)
        {
            LogWaiting(taken);
        }
        catch (Exception failure)
        {
            LogWaiting(failure);
            await NoteAsync(failure.Message, cancellationToken);
        }
    }

    /// <summary>Another process need not wait until what this one held runs out.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "A courtesy on the way out: without it, it runs out.")]
    private async Task ReleaseAsync()
    {
        using var limit = new CancellationTokenSource(ReleaseWithin, clock);
        try
        {
            await ledger.ReleaseAsync(limit.Token);
        }
        catch (Exception away)
        {
            LogWaiting(away);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The note is for operators; the log has it already.")]
    private async Task NoteAsync(string message, CancellationToken cancellationToken)
    {
        try
        {
            await ledger.NoteAsync(RebuildPhases.Filling, $"waiting: {message}", cancellationToken);
        }
        catch (Exception away)
        {
            LogWaiting(away);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The rebuild of the search index waits and is gone on with")]
    private partial void LogWaiting(Exception failure);
}
