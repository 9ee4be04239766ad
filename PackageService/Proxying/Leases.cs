using Registry.ServiceDefaults.Databases;

namespace Registry.PackageService.Proxying;

/// <summary>What holding and waiting for a lease have in common.</summary>
internal static class Leases
{
    private const int RoundsInAHurry = 10;
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan GiveBackWithin = TimeSpan.FromSeconds(2);

    /// <summary>How long somebody who waits pauses before looking again: most answers come soon, and those that do not are not worth ten questions a second.</summary>
    public static TimeSpan PauseAfter(int round) => TimeSpan.FromMilliseconds(round < RoundsInAHurry ? 100 : 500);

    /// <summary>Waits for work and renews its lease meanwhile. A renewal that fails is worth nothing: at worst somebody else asks too.</summary>
    public static async Task<T> KeepWhileAsync<T>(Task<T> work, Func<Task> renew, TimeProvider clock)
    {
        while (!work.IsCompleted)
        {
            using var done = new CancellationTokenSource();
            var pause = Task.Delay(RenewEvery, clock, done.Token);
            if (await Task.WhenAny(work, pause) == pause)
            {
                await TryAsync(renew);
            }

            await done.CancelAsync();
        }

        return await work;
    }

    /// <summary>Gives a lease back whose holder stops for a reason of its own, if that can be done soon; else it ends by itself.</summary>
    public static async Task GiveBackAsync(Func<CancellationToken, Task> release)
    {
        using var soon = new CancellationTokenSource(GiveBackWithin);
        await TryAsync(() => release(soon.Token));
    }

    private static async Task TryAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception away) when (DatabaseFailures.IsUnreachable(away) || away is OperationCanceledException or ObjectDisposedException)
        {
            // Nobody waits for longer than a lease lasts.
        }
    }
}
