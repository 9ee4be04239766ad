using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Throttling;

namespace Registry.AuthService.SecondFactors;

/// <summary>Somebody gives a second factor: six digits, a recovery code, or the proof from a page.</summary>
/// <param name="AccountId">Whose it has to be.</param>
/// <param name="Code">What was sent.</param>
/// <param name="Operation">What it is given for; the same code is good for the same operation only.</param>
internal sealed record CodeAttempt(string AccountId, string Code, string Operation);

/// <summary>How giving a second factor ended.</summary>
internal abstract record CheckCodeOutcome
{
    private CheckCodeOutcome()
    {
    }

    public sealed record Accepted : CheckCodeOutcome;

    public sealed record Refused : CheckCodeOutcome;

    /// <summary>Not looked at: too many were wrong before it.</summary>
    public sealed record Throttled(TimeSpan RetryAfter) : CheckCodeOutcome;
}

/// <summary>
/// Finds out whether a code is the account's second factor, and spends it. A code counts once: for one operation, which its client may
/// repeat (npm does, with the same header, after a 5xx), and for nothing else. Wrong ones are counted against the account, wherever
/// they come from, because six digits can be guessed.
/// </summary>
internal sealed partial class CheckCode(
    AuthDbContext db, SecretProtection protection, AttemptThrottle throttle, TimeProvider clock, ILogger<CheckCode> logger)
{
    public const int MaxLength = 200;
    private static readonly CheckCodeOutcome Refused = new CheckCodeOutcome.Refused();

    public async Task<CheckCodeOutcome> ExecuteAsync(CodeAttempt attempt, CancellationToken cancellationToken)
    {
        if (await throttle.EnterSecondFactorAsync(attempt.AccountId, cancellationToken) is { } wait)
        {
            return new CheckCodeOutcome.Throttled(wait);
        }

        var code = Normalise(attempt.Code);
        if (code.Length is 0 or > MaxLength
            || await FindAsync(attempt.AccountId, code, cancellationToken) is not { } found
            || !await db.SpendCodeAsync(Spent(attempt, found), cancellationToken))
        {
            return Refused;
        }

        await throttle.SecondFactorSucceededAsync(attempt.AccountId, cancellationToken);
        return new CheckCodeOutcome.Accepted();
    }

    /// <summary>What a time step's code is known by once it is spent.</summary>
    public static byte[] IdOf(long step) => TokenSecret.Hash($"totp:{step}");

    private static string Normalise(string code) => string.Concat(code.Where(c => !char.IsWhiteSpace(c)));

    /// <summary>What the code is known by when it is valid now; null when it is not.</summary>
    private async Task<byte[]?> FindAsync(string accountId, string code, CancellationToken cancellationToken)
    {
        var enrolment = await db.Enrolments.AsNoTracking()
            .SingleOrDefaultAsync(e => e.AccountId == accountId && e.ConfirmedAt != null, cancellationToken);
        if (enrolment is null)
        {
            return null;
        }

        if (code.Length == OneTimePassword.Digits)
        {
            return StepOf(enrolment, code) is { } step ? IdOf(step) : null;
        }

        var hash = TokenSecret.Hash(code.ToLowerInvariant());
        var proof = TokenSecret.Hash(code);
        return await db.UseRecoveryCodeAsync(accountId, hash, clock.GetUtcNow(), cancellationToken) ? hash
            : await db.IsProofAsync(accountId, proof, clock.GetUtcNow(), cancellationToken) ? proof
            : null;
    }

    private long? StepOf(Enrolment enrolment, string code)
    {
        if (protection.Unprotect(enrolment.Secret, enrolment.AccountId) is { } secret)
        {
            return OneTimePassword.StepOf(code, secret, clock.GetUtcNow());
        }

        LogUnreadable(enrolment.AccountId);
        return null;
    }

    // Longer than anything accepted here can be sent again.
    private SpentCode Spent(CodeAttempt attempt, byte[] code) =>
        new()
        {
            AccountId = attempt.AccountId,
            Code = code,
            Operation = TokenSecret.Hash(attempt.Operation),
            ExpiresAt = clock.GetUtcNow() + SecondFactorQueries.RepeatedWithin + SecondFactorQueries.RepeatedWithin,
        };

    [LoggerMessage(Level = LogLevel.Error, Message = "SecondFactor:Key does not open the second factor of account {AccountId}: recovery codes alone work")]
    private partial void LogUnreadable(string accountId);
}
