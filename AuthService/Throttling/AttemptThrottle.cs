using Microsoft.Extensions.Options;

using Registry.AuthService.Data;

namespace Registry.AuthService.Throttling;

/// <summary>
/// Bounds guessing. An attempt counts as failed before the password is looked at, and is taken back when it was right;
/// so no number of parallel attempts gets more guesses. Counters belong to (account, address) and to the address, never
/// to the account alone: a stranger's failures do not lock the owner out from elsewhere.
/// </summary>
internal sealed class AttemptThrottle(ThrottleCounters counters, IOptions<ThrottleOptions> options)
{
    /// <summary>Counts an attempt to log in.</summary>
    /// <returns>Null when it may go on, else how long to wait.</returns>
    public async Task<TimeSpan?> EnterAsync(string account, string? address, CancellationToken cancellationToken)
    {
        var limits = options.Value;
        var pair = PairKey(account, address);
        if (await counters.CountAsync(pair, limits.FailuresPerAccountAndAddress, limits.FailureWindow, cancellationToken) is { } pairWait)
        {
            return pairWait;
        }

        var wait = await counters.CountAsync(AddressKey(address), limits.FailuresPerAddress, limits.FailureWindow, cancellationToken);
        if (wait is not null)
        {
            await counters.UncountAsync(pair, cancellationToken);
        }

        return wait;
    }

    /// <summary>The attempt was right: the pair starts anew, the address gets its attempt back.</summary>
    public async Task SucceededAsync(string account, string? address, CancellationToken cancellationToken)
    {
        await counters.ResetAsync(PairKey(account, address), cancellationToken);
        await counters.UncountAsync(AddressKey(address), cancellationToken);
    }

    /// <summary>The attempt was never looked at.</summary>
    public async Task WithdrawAsync(string account, string? address, CancellationToken cancellationToken)
    {
        await counters.UncountAsync(PairKey(account, address), cancellationToken);
        await counters.UncountAsync(AddressKey(address), cancellationToken);
    }

    /// <summary>Counts an attempt to sign up.</summary>
    /// <returns>Null when it may go on, else how long to wait.</returns>
    public Task<TimeSpan?> EnterSignUpAsync(string? address, CancellationToken cancellationToken) =>
        counters.CountAsync(
            $"signup:{ClientAddress.ThrottleKey(address)}", options.Value.SignUpsPerAddress, options.Value.SignUpWindow, cancellationToken);

    /// <summary>Counts a second factor that is about to be looked at, against the account alone: six digits can be guessed from anywhere.</summary>
    /// <returns>Null when it may be looked at, else how long to wait.</returns>
    public Task<TimeSpan?> EnterSecondFactorAsync(string accountId, CancellationToken cancellationToken) =>
        counters.CountAsync(
            SecondFactorKey(accountId), options.Value.SecondFactorFailures, options.Value.SecondFactorWindow, cancellationToken);

    /// <summary>It was right, which takes back this one; those before it stay counted.</summary>
    public Task SecondFactorSucceededAsync(string accountId, CancellationToken cancellationToken) =>
        counters.UncountAsync(SecondFactorKey(accountId), cancellationToken);

    /// <summary>Counts a page that an address has opened.</summary>
    /// <returns>Null when it may be, else how long to wait.</returns>
    public Task<TimeSpan?> EnterWebSessionAsync(string? address, CancellationToken cancellationToken) =>
        counters.CountAsync(
            $"page:{ClientAddress.ThrottleKey(address)}", options.Value.WebSessionsPerAddress, options.Value.FailureWindow, cancellationToken);

    private static string SecondFactorKey(string accountId) => $"code:{accountId}";

    private static string PairKey(string account, string? address) => $"login:{ClientAddress.ThrottleKey(address)}:{account}";

    private static string AddressKey(string? address) => $"login:{ClientAddress.ThrottleKey(address)}";
}
