using System.Diagnostics.CodeAnalysis;

using Microsoft.Extensions.Options;

using Registry.PackageService.Proxying;
using Registry.Upstreams;

namespace Registry.PackageService.Features.Upstreams;

/// <summary>
/// Asks each upstream from time to time whether it answers: one that nobody asks, so that its state is known, and one that fails, so that
/// its recovery is noticed without somebody's request. One that asked to be left alone is. None waits for another.
/// </summary>
internal sealed partial class WatchUpstreams(
    UpstreamDirectory directory, IOptions<ProxyOptions> options, PackageMetrics metrics, TimeProvider clock, ILogger<WatchUpstreams> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WellEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan IllEvery = TimeSpan.FromSeconds(2);

    private readonly Dictionary<Upstream, Watched> _watched = [];
    private int _failedRounds;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
        {
            return;
        }

        metrics.ObserveCircuits(() => directory.Current?.Enabled.Select(static upstream => (upstream.Name, upstream.Circuit.IsOpen)) ?? []);
        using var timer = new PeriodicTimer(LookEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryLookAsync(stoppingToken);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever the database says, it goes on.")]
    private async Task TryLookAsync(CancellationToken stoppingToken)
    {
        try
        {
            var upstreams = (await directory.GetLatestAsync(stoppingToken)).Enabled.ToList();
            _watched.Keys.Except(upstreams).ToList().ForEach(gone => _watched.Remove(gone));
            upstreams.ForEach(upstream => Look(upstream, stoppingToken));
            _failedRounds = 0;
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            if (++_failedRounds == 1)
            {
                LogNotKnown(failure);
            }
        }
    }

    private void Look(Upstream upstream, CancellationToken stoppingToken)
    {
        if (!_watched.TryGetValue(upstream, out var watched))
        {
            _watched[upstream] = watched = new Watched();
        }

        var isOpen = upstream.Circuit.IsOpen;
        if (isOpen != watched.WasOpen)
        {
            watched.WasOpen = isOpen;
            LogChange(upstream, isOpen);
        }

        if (watched.Asking.IsCompleted && IsDue(upstream, watched.AskedAt))
        {
            watched.AskedAt = clock.GetUtcNow();
            watched.Asking = TryAskAsync(upstream, stoppingToken);
        }
    }

    private bool IsDue(Upstream upstream, DateTimeOffset askedAt)
    {
        var (tally, never) = (upstream.Record.Tally, DateTimeOffset.MinValue);
        var isIll = upstream.Circuit.IsOpen || (tally.LastFailureAt ?? never) > (tally.LastAnswerAt ?? never);
        var last = !isIll && tally.LastAnswerAt > askedAt ? tally.LastAnswerAt.Value : askedAt;
        return clock.GetUtcNow() - last >= (isIll ? IllEvery : WellEvery) && upstream.Circuit.Rest == TimeSpan.Zero;
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of what runs in the background: whatever an upstream does, the others are watched.")]
    private async Task TryAskAsync(Upstream upstream, CancellationToken stoppingToken)
    {
        var started = clock.GetTimestamp();
        try
        {
            await upstream.Registry.PingAsync(stoppingToken);
            upstream.Circuit.Succeeded();
            upstream.Record.Add(null, clock.GetElapsedTime(started), isPing: true);
        }
        catch (RegistryException failure)
        {
            upstream.Record.Add(failure, clock.GetElapsedTime(started), isPing: true);
            if (Circuit.Counts(failure))
            {
                upstream.Circuit.Failed(failure);
            }
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogNotAsked(failure, upstream.Name);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private void LogChange(Upstream upstream, bool isOpen)
    {
        if (isOpen)
        {
            LogFails(upstream.Name, upstream.Record.Tally.LastFailureMessage);
        }
        else
        {
            LogAnswers(upstream.Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The upstream {Upstream} fails: {Failure}")]
    private partial void LogFails(string upstream, string? failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The upstream {Upstream} answers again")]
    private partial void LogAnswers(string upstream);

    [LoggerMessage(Level = LogLevel.Error, Message = "The upstream {Upstream} could not be asked how it does")]
    private partial void LogNotAsked(Exception failure, string upstream);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The upstreams could not be looked up; they are watched again when they can")]
    private partial void LogNotKnown(Exception failure);

    /// <summary>What is remembered of one.</summary>
    private sealed class Watched
    {
        public DateTimeOffset AskedAt { get; set; }

        public bool WasOpen { get; set; }

        public Task Asking { get; set; } = Task.CompletedTask;
    }
}
