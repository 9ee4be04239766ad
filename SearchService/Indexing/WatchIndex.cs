using System.Diagnostics.CodeAnalysis;

using Registry.Messaging.Changes;
using Registry.SearchService.Index;

namespace Registry.SearchService.Indexing;

/// <summary>
/// Looks every second whether the index in use is still the one that is followed for. One that vanished is made anew and filled,
/// one that was switched to is gone on with, also while nothing is published.
/// </summary>
internal sealed partial class WatchIndex(
    ISearchIndex index, IndexChangedPackages indexing, ChangesFollower follower, TimeProvider clock, ILogger<WatchIndex> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private int _failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken);
            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever fails is tried again.")]
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (indexing.Identity is { } followed && await FoundAsync(cancellationToken) != followed)
            {
                LogReplaced(index.Engine);
                await follower.ReloadAsync(cancellationToken);
            }

            _failures = 0;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception failure)
        {
            if (_failures++ == 0)
            {
                LogAway(failure, index.Engine);
            }
        }
    }

    private async Task<Guid?> FoundAsync(CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        return await index.FindAsync(IndexRole.Live, bounded.Token);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Engine} index in use is another one or missing; going on from where it stands")]
    private partial void LogReplaced(string engine);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Engine} index cannot be looked at right now; trying again until it can")]
    private partial void LogAway(Exception failure, string engine);
}
