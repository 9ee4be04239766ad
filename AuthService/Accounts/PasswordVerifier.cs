using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;

using Microsoft.AspNetCore.Identity;

using Registry.AuthService.Throttling;

namespace Registry.AuthService.Accounts;

/// <summary>Somebody claims to be an account.</summary>
internal sealed record PasswordAttempt(string AccountName, string Password, string? Address);

/// <summary>What came of looking at a password.</summary>
internal enum PasswordVerdict
{
    Right,
    RightButHashIsOld,
    Wrong,
    Throttled,
}

/// <summary>
/// Compares passwords under the throttle. Equal attempts that arrive together are looked at once: a client that sends
/// its password with each of fifty parallel requests must not throttle itself, and repeating a guess gains nothing.
/// </summary>
internal sealed class PasswordVerifier
{
    private readonly AttemptThrottle _throttle;
    private readonly PasswordHashing _hashing;
    private readonly Counter<long> _attempts;
    private readonly ConcurrentDictionary<string, Lazy<Task<(PasswordVerdict, TimeSpan)>>> _running = new(StringComparer.Ordinal);

    public PasswordVerifier(AttemptThrottle throttle, PasswordHashing hashing, IMeterFactory meters)
    {
        _throttle = throttle;
        _hashing = hashing;
#pragma warning disable CA2000 // the factory owns its meters
        _attempts = meters.Create("registry.auth").CreateCounter<long>(
            "registry.auth.password_attempts", "{attempt}", "Passwords presented, by verdict.");
#pragma warning restore CA2000
    }

    /// <summary>Looks at an attempt.</summary>
    /// <param name="attempt">Who claims what.</param>
    /// <param name="hash">The account's password hash; null when there is no such account, which costs the same time.</param>
    /// <param name="cancellationToken">Ends the wait, not the work others may wait for.</param>
    /// <returns>The verdict and, when throttled, how long to wait.</returns>
    public async Task<(PasswordVerdict Verdict, TimeSpan RetryAfter)> VerifyAsync(
        PasswordAttempt attempt, string? hash, CancellationToken cancellationToken)
    {
        var key = Convert.ToHexString(TokenSecret.Hash(
            JsonSerializer.Serialize<string?[]>([attempt.AccountName, attempt.Password, ClientAddress.ThrottleKey(attempt.Address), hash])));
        var run = _running.GetOrAdd(
            key,
            static (k, state) => new Lazy<Task<(PasswordVerdict, TimeSpan)>>(() => state.Self.RunAsync(k, state.Attempt, state.Hash)),
            (Self: this, Attempt: attempt, Hash: hash));
        return await run.Value.WaitAsync(cancellationToken);
    }

    private async Task<(PasswordVerdict Verdict, TimeSpan RetryAfter)> RunAsync(string key, PasswordAttempt attempt, string? hash)
    {
        try
        {
            var result = await LookAsync(attempt, hash);
            _attempts.Add(1, new KeyValuePair<string, object?>("verdict", result.Verdict.ToString()));
            return result;
        }
        finally
        {
            _running.TryRemove(key, out _);
        }
    }

    private async Task<(PasswordVerdict Verdict, TimeSpan RetryAfter)> LookAsync(PasswordAttempt attempt, string? hash)
    {
        if (await _throttle.EnterAsync(attempt.AccountName, attempt.Address, CancellationToken.None) is { } wait)
        {
            return (PasswordVerdict.Throttled, wait);
        }

        switch (await _hashing.VerifyAsync(hash, attempt.Password, CancellationToken.None))
        {
            case null:
                await _throttle.WithdrawAsync(attempt.AccountName, attempt.Address, CancellationToken.None);
                return (PasswordVerdict.Throttled, TimeSpan.FromSeconds(1));
            case PasswordVerificationResult.Failed:
                return (PasswordVerdict.Wrong, default);
            case var right:
                await _throttle.SucceededAsync(attempt.AccountName, attempt.Address, CancellationToken.None);
                return (right == PasswordVerificationResult.Success ? PasswordVerdict.Right : PasswordVerdict.RightButHashIsOld, default);
        }
    }
}
