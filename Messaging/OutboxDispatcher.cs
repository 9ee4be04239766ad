using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Registry.Messaging;

/// <summary>
/// Sends what lies in a database's outbox, oldest first, at least once. It takes rows in one short transaction, publishes a few at a time
/// outside any, and removes them in another, so a broker that hangs never holds a transaction open. Several
/// processes may run it on one database.
/// </summary>
/// <typeparam name="TContext">The context whose model has the outbox.</typeparam>
internal sealed partial class OutboxDispatcher<TContext>(
    IServiceScopeFactory scopes, OutboxSignal signal, EventPublisher publisher, OutboxMetrics metrics, ILogger<OutboxDispatcher<TContext>> logger)
    : BackgroundService
    where TContext : DbContext
{
    private const int DiscardedAtOnce = 1000;
    private const int SentAtOnce = 10; // the broker confirms them together
    private static readonly TimeSpan MeasureEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(100); // what is committed meanwhile is taken and removed with it

    private OutboxOptions _options = new();
    private long _measuredAt;
    private int _failedRounds;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using (var scope = scopes.CreateAsyncScope())
        {
            _options = scope.ServiceProvider.GetRequiredService<IOptions<OutboxOptions>>().Value;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Stopping.
            }
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        var mayHaveMore = await TryRoundAsync(stoppingToken);
        if (_failedRounds > 0)
        {
            // A signal does not shorten this wait: publishes that go on while the broker is away must not hammer it.
            await Task.Delay(BackOff(_failedRounds), stoppingToken);
        }
        else if (!mayHaveMore)
        {
            await signal.WaitAsync(_options.PollInterval, stoppingToken);
            await Task.Delay(GatherFor, stoppingToken);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever the database says, it goes on.")]
    private async Task<bool> TryRoundAsync(CancellationToken stoppingToken)
    {
        try
        {
            var (mayHaveMore, failed) = publisher.HasBroker ? await SendBatchAsync(stoppingToken) : (await DiscardAsync(stoppingToken), false);
            await MeasureAsync(stoppingToken);
            _failedRounds = failed ? _failedRounds + 1 : 0;
            return mayHaveMore;
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            _failedRounds++;
            LogDatabaseFailed(failure, typeof(TContext).Name, _failedRounds);
            return false;
        }
    }

    private async Task<bool> DiscardAsync(CancellationToken cancellationToken) =>
        await WithDatabaseAsync(db => db.DiscardAsync(DiscardedAtOnce, cancellationToken)) == DiscardedAtOnce;

    private async Task<(bool MayHaveMore, bool Failed)> SendBatchAsync(CancellationToken stoppingToken)
    {
        var rows = await WithDatabaseAsync(db => db.LeaseAsync(_options.BatchSize, _options.Lease, stoppingToken));
        if (rows.Count == 0)
        {
            return (false, false);
        }

        var batch = new Batch(rows);
        var leased = Stopwatch.GetTimestamp();
        var failed = false;
        var most = _failedRounds == 0 ? SentAtOnce : 1; // one is enough to see whether the broker is back
        try
        {
            while (!failed && batch.Next(most) is { Length: > 0 } next && HasTimeForMore(leased))
            {
                var outcomes = await Task.WhenAll(Array.ConvertAll(next, row => TrySendAsync(row, stoppingToken)));
                batch.Add(next, outcomes);
                failed = outcomes.Contains(SendOutcome.BrokerFailed);
                most = SentAtOnce;
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            // Also when stopping: what was sent need not be sent again, and what was not need not wait for the lease to end.
            await SettleAsync(batch);
        }

        return (!failed && (rows.Count == _options.BatchSize || batch.Untried.Any()), failed);
    }

    /// <summary>Rows are only begun while the lease outlasts their publish, so that two dispatchers rarely send the same one.</summary>
    private bool HasTimeForMore(long leased) => Stopwatch.GetElapsedTime(leased) + _options.PublishTimeout < _options.Lease;

    [SuppressMessage("Design", "CA1031", Justification = "A bus may fail with any exception; whichever it is, the row stays and is tried again.")]
    private async Task<SendOutcome> TrySendAsync(OutboxMessage row, CancellationToken stoppingToken)
    {
        try
        {
            await publisher.PublishAsync(row, stoppingToken);
            metrics.Sent();
            return SendOutcome.Sent;
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            return SendOutcome.Stopped;
        }
        catch (Exception failure)
        {
            metrics.Failed();
            LogPublishFailed(failure, row.Type, row.Id, row.Attempts + 1);
            return failure is InvalidDataException ? SendOutcome.RowFailed : SendOutcome.BrokerFailed;
        }
    }

    private async Task SettleAsync(Batch batch)
    {
        using var bounded = new CancellationTokenSource(StopWithin);
        await WithDatabaseAsync(async db =>
        {
            if (batch.Sent.Count > 0)
            {
                await db.RemoveSentAsync(IdsOf(batch.Sent), bounded.Token);
            }

            foreach (var row in batch.Postponed)
            {
                await db.PostponeAsync(row.Id, BackOff(row.Attempts + 1), bounded.Token);
            }

            if (batch.Untried.Any())
            {
                await db.ReturnAsync(IdsOf(batch.Untried), bounded.Token);
            }

            return true;
        });
    }

    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        if (_measuredAt == 0 || Stopwatch.GetElapsedTime(_measuredAt) >= MeasureEvery)
        {
            _measuredAt = Stopwatch.GetTimestamp();
            metrics.Measured(await WithDatabaseAsync(db => db.MeasureAsync(cancellationToken)));
        }
    }

    private static long[] IdsOf(IEnumerable<OutboxMessage> rows) => [.. rows.Select(row => row.Id)];

    private TimeSpan BackOff(int attempts)
    {
        var doubled = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(attempts - 1, 16)));
        return doubled < _options.LongestBackOff ? doubled : _options.LongestBackOff;
    }

    /// <summary>A context, and with it a connection, lives for one step only: none is held while a publish is under way.</summary>
    private async Task<T> WithDatabaseAsync<T>(Func<TContext, Task<T>> step)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await step(scope.ServiceProvider.GetRequiredService<TContext>());
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {EventType} in row {OutboxId} was not sent (attempt {Attempt}); it stays in the outbox")]
    private partial void LogPublishFailed(Exception failure, string eventType, long outboxId, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox of {Context} cannot be worked on right now ({Rounds} in a row)")]
    private partial void LogDatabaseFailed(Exception failure, string context, int rounds);

    /// <summary>What became of the rows of one lease.</summary>
    private sealed record Batch(IReadOnlyList<OutboxMessage> Rows)
    {
        public List<OutboxMessage> Sent { get; } = [];

        public List<OutboxMessage> Postponed { get; } = [];

        public IEnumerable<OutboxMessage> Untried => Rows.Except(Sent).Except(Postponed);

        public OutboxMessage[] Next(int most) => [.. Untried.Take(most)];

        public void Add(OutboxMessage[] tried, SendOutcome[] outcomes)
        {
            foreach (var (row, outcome) in tried.Zip(outcomes).Where(static one => one.Second != SendOutcome.Stopped))
            {
                (outcome == SendOutcome.Sent ? Sent : Postponed).Add(row);
            }
        }
    }

    private enum SendOutcome
    {
        Sent,

        /// <summary>The row's own fault: the others may go.</summary>
        RowFailed,

        /// <summary>The rest is not tried now.</summary>
        BrokerFailed,

        /// <summary>The process ends; the row is given back untried.</summary>
        Stopped,
    }
}
