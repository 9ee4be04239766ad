using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;

namespace Registry.PackageService.Features.Advisories;

/// <summary>Adds, replaces and removes advisories. Several are changed all or none.</summary>
internal sealed partial class ChangeAdvisories(PackageDbContext db, TimeProvider clock, ILogger<ChangeAdvisories> logger)
{
    private const int AtOnce = 500;

    /// <summary>Adds what has a new number and replaces the rest; of entries with one number the last counts.</summary>
    /// <param name="entries">Entries without a problem.</param>
    /// <param name="userName">Who does it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AdvisoryChanges> PutAsync(IReadOnlyCollection<AdvisoryEntry> entries, string userName, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var rows = entries.GroupBy(static entry => entry.Id).Select(same => same.Last().ToRow(now)).ToList();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockAdvisoriesAsync(cancellationToken);
        var replaced = 0;
        foreach (var some in rows.Chunk(AtOnce))
        {
            replaced += await WriteAsync(some, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        LogPut(userName, rows.Count - replaced, replaced);
        return new AdvisoryChanges(rows.Count - replaced, replaced);
    }

    /// <summary>Removes one.</summary>
    /// <returns>False when there is none of that number.</returns>
    public async Task<bool> RemoveAsync(long id, string userName, CancellationToken cancellationToken)
    {
        var removed = await db.Advisories.Where(advisory => advisory.Id == id).ExecuteDeleteAsync(cancellationToken) > 0;
        if (removed)
        {
            LogRemoved(userName, id);
        }

        return removed;
    }

    /// <returns>How many were there.</returns>
    private async Task<int> WriteAsync(AdvisoryRow[] rows, CancellationToken cancellationToken)
    {
        long[] ids = [.. rows.Select(static row => row.Id)];
        var known = await db.Advisories.Where(advisory => ids.Contains(advisory.Id)).ToDictionaryAsync(static advisory => advisory.Id, cancellationToken);
        foreach (var row in rows)
        {
            if (known.TryGetValue(row.Id, out var there))
            {
                db.Entry(there).CurrentValues.SetValues(row);
            }
            else
            {
                db.Advisories.Add(row);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
        return known.Count;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{UserName} added {Added} advisories and replaced {Replaced}")]
    private partial void LogPut(string userName, int added, int replaced);

    [LoggerMessage(Level = LogLevel.Information, Message = "{UserName} removed the advisory {AdvisoryId}")]
    private partial void LogRemoved(string userName, long advisoryId);
}

/// <summary>What became of the entries sent.</summary>
internal sealed record AdvisoryChanges(int Added, int Replaced);
