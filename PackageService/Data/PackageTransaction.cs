using Microsoft.EntityFrameworkCore;

using Registry.Messaging;
using Registry.ServiceDefaults.Databases;

namespace Registry.PackageService.Data;

/// <summary>What was decided inside a transaction.</summary>
/// <param name="Outcome">The answer, should the transaction commit.</param>
/// <param name="Change">The change that was appended; null when nothing was changed, and nothing is committed then.</param>
internal sealed record Decision<TOutcome>(TOutcome Outcome, ChangeRow? Change = null)
    where TOutcome : class;

/// <summary>
/// The one transaction that changes a package, bounded in time, with a truthful answer to what became of it: when the reply
/// to the commit is lost, the change is looked for before anything is said.
/// </summary>
internal sealed partial class PackageTransaction(
    PackageDbContext db,
    IDbContextFactory<PackageDbContext> contexts,
    OutboxSignal signal,
    TimeProvider clock,
    ILogger<PackageTransaction> logger)
{
    // Together with the commit's own 12 seconds (time-out and cancellation) a request ends within 30.
    private static readonly TimeSpan DecideWithin = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan FindOutWithin = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs the decision and commits what it changed.</summary>
    /// <param name="decide">Reads, locks and writes; ends with <see cref="ChangeLog"/> when it changed something.</param>
    /// <param name="cancellationToken">The client went away: gives up until the commit begins, not after.</param>
    /// <returns>The outcome, or null when the change is not in the database or nobody can tell; repeating is safe then.</returns>
    /// <exception cref="TimeoutException">The decision took too long; nothing was changed.</exception>
    public async Task<TOutcome?> RunAsync<TOutcome>(
        Func<CancellationToken, Task<Decision<TOutcome>>> decide, CancellationToken cancellationToken)
        where TOutcome : class
    {
        using var deadline = new CancellationTokenSource(DecideWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            db.Database.AutoSavepointsEnabled = false; // nothing goes on after a failed statement
            await using var transaction = await db.Database.BeginTransactionAsync(either.Token);
            var decision = await decide(either.Token);
            return decision.Change is null || await CommitAsync(decision.Change) ? decision.Outcome : null;
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The database did not do its part in time.", late);
        }
    }

    private async Task<bool> CommitAsync(ChangeRow change)
    {
        bool committed;
        try
        {
            // Not cancelled with the request: a client that leaves now must not leave the change in doubt.
            await db.Database.CommitTransactionAsync(CancellationToken.None);
            committed = true;
        }
        catch (Exception lost) when (DatabaseFailures.IsUnreachable(lost))
        {
            LogCommitReplyLost(lost, change.Package, change.Position);
            committed = await WasCommittedAsync(change);
        }

        if (committed)
        {
            signal.Raise();
        }

        return committed;
    }

    private async Task<bool> WasCommittedAsync(ChangeRow change)
    {
        using var deadline = new CancellationTokenSource(FindOutWithin, clock);
        while (true)
        {
            try
            {
                var found = await LookForAsync(change.EventId, deadline.Token);
                LogFoundOut(change.Package, change.Position, found);
                return found;
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                LogNotFoundOut(change.Package, change.Position);
                return false;
            }
            catch (Exception again) when (DatabaseFailures.IsUnreachable(again))
            {
                await Task.Delay(RetryEvery, clock, CancellationToken.None);
            }
        }
    }

    /// <summary>
    /// Waits for the lock that the lost transaction holds until it has ended, either way: what is read afterwards is final,
    /// even when the server is still busy with that commit.
    /// </summary>
    private async Task<bool> LookForAsync(Guid eventId, CancellationToken cancellationToken)
    {
        await using var fresh = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await fresh.Database.BeginTransactionAsync(cancellationToken);
        await fresh.LockChangesAsync(cancellationToken);
        return await fresh.Changes.AnyAsync(change => change.EventId == eventId, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The reply to a commit was lost (package {PackageName}, position {Position}); looking for the change")]
    private partial void LogCommitReplyLost(Exception lost, string packageName, long position);

    [LoggerMessage(Level = LogLevel.Information, Message = "Package {PackageName}, position {Position}: committed is {Committed}")]
    private partial void LogFoundOut(string packageName, long position, bool committed);

    [LoggerMessage(Level = LogLevel.Error, Message = "Package {PackageName}, position {Position}: could not find out whether it was committed")]
    private partial void LogNotFoundOut(string packageName, long position);
}
