using System.Diagnostics.CodeAnalysis;

using Registry.Contracts.Http.Packages;

namespace Registry.Gateway.Downloads;

/// <summary>
/// Sends what was counted every five seconds, and once more at the end, when no request is under way. What could not be sent is sent again
/// under the same id; meanwhile counting goes on in what room there is.
/// </summary>
internal sealed partial class SendDownloads(DownloadCounts counts, DownloadsClient packages, TimeProvider clock, ILogger<SendDownloads> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AtTheEndWithin = TimeSpan.FromSeconds(3);

    private readonly Queue<DownloadBatch> _waiting = new();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AtTheEndWithin);
        await TrySendAsync(deadline.Token);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TrySendAsync(stoppingToken);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever the other side says, it goes on.")]
    private async Task TrySendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(cancellationToken);
        }
        catch (Exception failure)
        {
            LogNotSent(failure, _waiting.Count);
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        if (_waiting.Count == 0)
        {
            foreach (var part in counts.Take().Chunk(DownloadBatch.MostCounts))
            {
                _waiting.Enqueue(new DownloadBatch(Guid.CreateVersion7(), part));
            }
        }

        while (_waiting.TryPeek(out var batch))
        {
            if (!await packages.SendAsync(batch, cancellationToken))
            {
                LogRefused(batch.Counts.Count);
            }

            _waiting.Dequeue();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was downloaded could not be written down; {Batches} batches wait and are sent again")]
    private partial void LogNotSent(Exception failure, int batches);

    [LoggerMessage(Level = LogLevel.Error, Message = "PackageService refuses {Counts} counts of downloads; they are dropped")]
    private partial void LogRefused(int counts);
}
