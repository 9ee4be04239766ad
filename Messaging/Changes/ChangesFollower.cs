using System.Diagnostics.CodeAnalysis;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using Registry.Contracts.Http.Packages;

namespace Registry.Messaging.Changes;

/// <summary>How a follower follows.</summary>
/// <param name="PollInterval">How often to look when nothing wakes it.</param>
/// <param name="GatherFor">How long what wakes it waits for what happens next: all of it is then read and dealt with in one go.</param>
public sealed record ChangesFollowerSettings(TimeSpan PollInterval, TimeSpan GatherFor);

/// <summary>
/// Follows PackageService's feed of changes: polls it, is woken by events, hands each page to the handler and then lets it
/// save the position. Whatever fails is tried again, at most 5 s later, until it succeeds; nothing is skipped.
/// </summary>
public sealed partial class ChangesFollower(
    ChangesClient client, IChangesHandler handler, ChangesFollowerSettings settings, TimeProvider clock, ILogger<ChangesFollower> logger)
    : BackgroundService
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);

    private const int MostMoves = 3;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Lock _gate = new();
    private Task _gathering = Task.CompletedTask;
    private CancellationToken _stopping;
    private ChangesPosition? _position;
    private bool _loaded;
    private Confirmation? _confirmed;
    private int _failures;
    private long _known;
    private long _head;

    /// <summary>The last position dealt with; 0 before the first.</summary>
    public long Position => Volatile.Read(ref _known);

    /// <summary>The feed's last position when it was last read.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>
    /// When the question was asked whose answer said that <see cref="Position"/> is the head; null before the first. All that
    /// was committed before this time has been dealt with.
    /// </summary>
    public DateTimeOffset? ConfirmedAt => Volatile.Read(ref _confirmed)?.At;

    /// <summary>How often in a row reading or handling failed.</summary>
    public int ConsecutiveFailures => Volatile.Read(ref _failures);

    /// <summary>How often it looks when nothing wakes it.</summary>
    public TimeSpan PollInterval => settings.PollInterval;

    /// <summary>True when <see cref="ConfirmedAt"/> is at most this long ago, by a clock that never jumps.</summary>
    public bool IsConfirmedWithin(TimeSpan age) =>
        Volatile.Read(ref _confirmed) is { } confirmed && clock.GetElapsedTime(confirmed.Timestamp) <= age;

    /// <summary>
    /// Goes on to the head because something at <paramref name="revision"/> happened, together with what happens meanwhile;
    /// returns at once when that was dealt with already, and while an outage lasts (then the loop alone keeps trying).
    /// </summary>
    /// <returns>Whether everything up to the revision is dealt with.</returns>
    public async Task<bool> WakeAsync(long revision, CancellationToken cancellationToken)
    {
        if (Position < revision && ConsecutiveFailures == 0)
        {
            await Gathered().WaitAsync(cancellationToken);
            if (!_stopping.IsCancellationRequested)
            {
                await TryAdvanceAsync(revision, cancellationToken);
            }
        }

        return Position >= revision;
    }

    /// <summary>Deals with everything up to the head, page by page. One call works at a time; others wait for it.</summary>
    /// <exception cref="Exception">Whatever the feed or the handler failed with. The position stays where the last whole page ended.</exception>
    public Task AdvanceAsync(CancellationToken cancellationToken) => AdvanceAsync(long.MaxValue, cancellationToken);

    /// <summary>Asks the handler again where to go on, and goes on there: what was derived so far is not what is in use any more.</summary>
    /// <exception cref="Exception">Whatever the handler or the feed failed with; the loop tries again.</exception>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        _loaded = false;
        _oneAtATime.Release();
        await AdvanceAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _oneAtATime.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _stopping = stoppingToken;
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = await TryAdvanceAsync(long.MaxValue, stoppingToken) ? settings.PollInterval : BackOff(ConsecutiveFailures);
            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends for all who wait when it ends for the first: one of them reads, and finds what woke the others.</summary>
    private Task Gathered()
    {
        if (settings.GatherFor == TimeSpan.Zero)
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            return _gathering.IsCompleted ? _gathering = Task.Delay(settings.GatherFor, clock) : _gathering;
        }
    }

    private static TimeSpan BackOff(int failures)
    {
        var doubled = FirstBackOff * Math.Pow(2, Math.Min(failures - 1, 10));
        return doubled < LongestBackOff ? doubled : LongestBackOff;
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a background loop: whatever fails is tried again until it succeeds.")]
    private async Task<bool> TryAdvanceAsync(long until, CancellationToken cancellationToken)
    {
        try
        {
            await AdvanceAsync(until, cancellationToken);
            if (Interlocked.Exchange(ref _failures, 0) > 0)
            {
                LogBack(Position);
            }

            return true;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception failure)
        {
            if (Interlocked.Increment(ref _failures) == 1)
            {
                LogOutage(failure, Position);
            }

            return false;
        }
    }

    private async Task AdvanceAsync(long until, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            for (var moved = 0; !await TryReachAsync(until, isLast: moved == MostMoves, cancellationToken); moved++)
            {
                // On from where what is in use now stands.
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <returns>False when the handler's position is another one than was remembered.</returns>
    private async Task<bool> TryReachAsync(long until, bool isLast, CancellationToken cancellationToken)
    {
        if (!_loaded)
        {
            Know(await handler.LoadPositionAsync(cancellationToken));
            _loaded = true;
        }

        try
        {
            while (Position < until && !await ReadPageAsync(cancellationToken))
            {
                // The next page.
            }

            return true;
        }
        catch (PositionMovedException)
        {
            _loaded = false;
            if (isLast)
            {
                throw;
            }

            return false;
        }
    }

    /// <returns>True at the head.</returns>
    private async Task<bool> ReadPageAsync(CancellationToken cancellationToken)
    {
        var asked = new Confirmation(clock.GetUtcNow(), clock.GetTimestamp());
        var page = await client.ReadAsync(_position?.Position, cancellationToken);
        Volatile.Write(ref _head, page.Head);
        if (_position is { Epoch: { } epoch } && epoch != page.Epoch)
        {
            LogOtherEpoch(epoch, page.Epoch);
            Know(await handler.ResetAsync(page.Epoch, cancellationToken) ?? new ChangesPosition(page.Epoch, page.Head));
            return false;
        }

        await HandleAsync(page, cancellationToken);
        if (page.Position < page.Head)
        {
            return false;
        }

        Volatile.Write(ref _confirmed, asked);
        return true;
    }

    private async Task HandleAsync(ChangesPage page, CancellationToken cancellationToken)
    {
        if (page.Position < Position || (page.Changes.Count == 0 && page.Position < page.Head))
        {
            throw new InvalidDataException($"The feed's head is {page.Head}, but after {Position} it leads to {page.Position}.");
        }

        handler.See(page);
        if (page.Changes.Count > 0)
        {
            await handler.ApplyAsync(page.Changes, cancellationToken);
        }

        var reached = new ChangesPosition(page.Epoch, page.Position);
        if (_position != reached)
        {
            await handler.SavePositionAsync(reached, cancellationToken);
            Know(reached);
        }
    }

    private void Know(ChangesPosition? position)
    {
        if ((position?.Position ?? 0) < _known)
        {
            Volatile.Write(ref _confirmed, null); // back to an earlier place: the head has to be reached anew
        }

        _position = position;
        Volatile.Write(ref _known, position?.Position ?? 0);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes cannot be followed right now, at position {Position}; trying again until they can")]
    private partial void LogOutage(Exception failure, long position);

    [LoggerMessage(Level = LogLevel.Information, Message = "Changes are followed again, at position {Position}")]
    private partial void LogBack(long position);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The feed of changes is another one (epoch {OldEpoch}, now {NewEpoch}): what was derived from the old is rebuilt")]
    private partial void LogOtherEpoch(Guid oldEpoch, Guid newEpoch);

    private sealed record Confirmation(DateTimeOffset At, long Timestamp);
}
