using System.Security.Cryptography;
using System.Threading.RateLimiting;

using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Registry.AuthService.Accounts;

/// <summary>
/// Hashes and checks passwords, a bounded number at a time and on threads of their own: a hash costs a processor a tenth of a second, and
/// log-ins must not take the machine, or on one processor the pool's only thread, from everything else. Null answers mean that even the queue is full.
/// </summary>
internal sealed class PasswordHashing : IDisposable
{
    private const int QueuedPerPermit = 32;

    // Hashing depends on the password alone; the hasher's type parameter exists for other implementations.
    private static readonly object NoUser = new();

    private readonly PasswordHasher<object> _hasher;
    private readonly ConcurrencyLimiter _limiter;
    private readonly Lazy<string> _hashOfNobody;

    public PasswordHashing(IOptions<AccountsOptions> options)
    {
        var permits = options.Value.ConcurrentHashes ?? Environment.ProcessorCount;
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = permits, QueueLimit = permits * QueuedPerPermit });
        _hasher = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = options.Value.PasswordIterations }));
        _hashOfNobody = new Lazy<string>(() => _hasher.HashPassword(NoUser, Convert.ToHexString(RandomNumberGenerator.GetBytes(32))));
    }

    public async Task<string?> HashAsync(string password, CancellationToken cancellationToken)
    {
        using var lease = await _limiter.AcquireAsync(1, cancellationToken);
        return lease.IsAcquired ? await OnItsOwnThread(() => _hasher.HashPassword(NoUser, password)) : null;
    }

    /// <summary>Checks a password. Without a hash (no such account) the same work is done, and the answer is no.</summary>
    public async Task<PasswordVerificationResult?> VerifyAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        using var lease = await _limiter.AcquireAsync(1, cancellationToken);
        if (!lease.IsAcquired)
        {
            return null;
        }

        var result = await OnItsOwnThread(() => _hasher.VerifyHashedPassword(NoUser, hash ?? _hashOfNobody.Value, password));
        return hash is null ? PasswordVerificationResult.Failed : result;
    }

    public void Dispose() => _limiter.Dispose();

    private static Task<T> OnItsOwnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
