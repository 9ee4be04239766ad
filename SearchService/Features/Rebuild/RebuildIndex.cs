using Registry.Messaging.Changes;
using Registry.SearchService.Data;
using Registry.SearchService.Index;
using Registry.SearchService.Indexing;

namespace Registry.SearchService.Features.Rebuild;

/// <summary>
/// Builds a new index beside the one in use: fills it from the start of the feed, compares it with the packages, and puts it in use
/// when it is equal. The new index has a position of its own, so what was begun is gone on with after any interruption.
/// </summary>
internal sealed class RebuildIndex(IndexKeeper keeper, ReindexPackages reindex, CompareIndex compare, ChangesClient changes, RebuildLedger ledger)
{
    private const int MostComparisons = 5;

    /// <summary>Goes on with the rebuild this process holds, to its end.</summary>
    /// <returns>Whether another index is in use now.</returns>
    /// <exception cref="RebuildTakenException">Another process took it.</exception>
    /// <exception cref="TimeoutException">The engine is away or lost the new index; going on later helps.</exception>
    public async Task<bool> ExecuteAsync(CancellationToken cancellationToken)
    {
        if (await ContinueAsync(cancellationToken) is not { } standing)
        {
            await ledger.EndAsync(RebuildPhases.Done, null, cancellationToken); // cut off between switching and saying so
            return true;
        }

        var found = "";
        for (var comparison = 0; comparison < MostComparisons; comparison++)
        {
            standing = await FillAsync(standing, cancellationToken);
            (var equal, found) = await CompareAsync(standing, cancellationToken);
            if (equal)
            {
                standing = await FillAsync(standing, cancellationToken); // what was published since, so that nothing found before is missed
                return await SwitchAsync(standing, cancellationToken);
            }
        }

        await ledger.EndAsync(RebuildPhases.Failed, found, cancellationToken);
        return false;
    }

    /// <summary>The index that is being built, or a new one; null when it is in use already.</summary>
    private async Task<StandingIndex?> ContinueAsync(CancellationToken cancellationToken)
    {
        if ((await ledger.ReadAsync(cancellationToken))?.Built is { } built)
        {
            if (await keeper.FindAsync(IndexRole.Next, cancellationToken) is { } next && next.Identity == built && !await keeper.IsOutdatedAsync(built, cancellationToken))
            {
                return next;
            }

            if ((await keeper.FindAsync(IndexRole.Live, cancellationToken))?.Identity == built)
            {
                return null;
            }
        }

        return await keeper.BeginNextAsync(cancellationToken);
    }

    private async Task<StandingIndex> FillAsync(StandingIndex standing, CancellationToken cancellationToken)
    {
        await ledger.NoteAsync(RebuildPhases.Filling, null, cancellationToken);
        while (true)
        {
            if (!await ledger.TakeAsync(cancellationToken))
            {
                throw new RebuildTakenException();
            }

            var page = await changes.ReadAsync(standing.Position.Position, cancellationToken);
            if (standing.Position.Epoch is { } epoch && epoch != page.Epoch)
            {
                standing = await keeper.BeginNextAsync(cancellationToken); // PackageService's database was restored
                continue;
            }

            await reindex.ExecuteAsync(IndexRole.Next, page.Changes, cancellationToken);
            standing = await keeper.AdvanceAsync(standing, new ChangesPosition(page.Epoch, page.Position), cancellationToken)
                ?? throw new TimeoutException("The index being built was replaced.");
            if (page.Position >= page.Head)
            {
                return standing;
            }
        }
    }

    private async Task<(bool Equal, string Found)> CompareAsync(StandingIndex standing, CancellationToken cancellationToken)
    {
        await ledger.NoteAsync(RebuildPhases.Comparing, null, cancellationToken);
        try
        {
            var found = await compare.ExecuteAsync(IndexRole.Next, standing.Position.Position, standing.Position.Epoch!.Value, cancellationToken);
            return (found.Equal, $"The new index differs at position {found.Position}: {string.Join(", ", found.Differences.Select(difference => $"{difference.Repository} {difference.Package}"))}");
        }
        catch (TooMuchChangedException tooMuch)
        {
            return (false, tooMuch.Message);
        }
    }

    private async Task<bool> SwitchAsync(StandingIndex standing, CancellationToken cancellationToken)
    {
        if (!await keeper.SwitchAsync(standing.Identity, cancellationToken))
        {
            throw new TimeoutException("The index being built is gone.");
        }

        await ledger.EndAsync(RebuildPhases.Done, null, cancellationToken);
        return true;
    }
}

/// <summary>Another process works on the rebuild now.</summary>
internal sealed class RebuildTakenException() : Exception("Another process goes on with the rebuild.");
