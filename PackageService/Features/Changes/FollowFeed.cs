using Registry.Contracts.Http;

namespace Registry.PackageService.Features.Changes;

/// <summary>Reads the feed, and waits for something to read when there is nothing.</summary>
internal sealed class FollowFeed(ReadFeed feed, ChangesWatch watch, TimeProvider clock)
{
    /// <summary>Reads a page; an empty one only after the time is over, at the end of the process, or when too many wait already.</summary>
    /// <inheritdoc cref="ReadFeed.ExecuteAsync"/>
    public async Task<(FeedPage? Page, long Head)> ExecuteAsync(
        string repository, Caller caller, FeedQuery query, TimeSpan patience, CancellationToken cancellationToken)
    {
        var read = await feed.ExecuteAsync(repository, caller, query, cancellationToken);
        if (read.Page is not { Entries.Count: 0 } || read.Head < query.Since || patience <= TimeSpan.Zero || !watch.TryEnter())
        {
            return read;
        }

        using var deadline = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            while (read.Page is { Entries.Count: 0 } nothing)
            {
                await watch.UntilAfterAsync(nothing.LastPosition, either.Token);
                read = await feed.ExecuteAsync(repository, caller, query with { Since = nothing.LastPosition }, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing has changed that the caller may see.
        }
        finally
        {
            watch.Leave();
        }

        return read;
    }
}
