using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;

namespace Registry.PackageService.Features.Changes;

/// <summary>
/// Wakes those who wait for a change, whichever process made it: while anybody waits, the end of the feed is looked at twice a second,
/// once for all.
/// </summary>
internal sealed class ChangesWatch(IDbContextFactory<PackageDbContext> contexts, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    /// <summary>How many may wait at once.</summary>
    public const int MostWaiting = 100;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private Task<long>? _look;
    private int _waiting;

    /// <summary>Takes one of the places; leave it with <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _waiting) <= MostWaiting)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _waiting);

    /// <summary>Waits until the feed goes on after a position.</summary>
    /// <exception cref="OperationCanceledException">It did not in time, or the process ends.</exception>
    public async Task UntilAfterAsync(long position, CancellationToken cancellationToken)
    {
        while (await NextLook().WaitAsync(cancellationToken) <= position)
        {
            // Nothing yet.
        }
    }

    private Task<long> NextLook()
    {
        lock (_gate)
        {
            return _look is { IsCompleted: false } ? _look : _look = LookAsync();
        }
    }

    private async Task<long> LookAsync()
    {
        await Task.Delay(LookEvery, clock, lifetime.ApplicationStopping);
        await using var db = await contexts.CreateDbContextAsync(lifetime.ApplicationStopping);
        return await db.ChangesHeadAsync(lifetime.ApplicationStopping);
    }
}
