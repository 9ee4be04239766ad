using Microsoft.EntityFrameworkCore;

using Registry.AuthService.SecondFactors;

namespace Registry.AuthService.Data;

/// <summary>Queries about codes, each one statement, so that of parallel uses on any replica one wins.</summary>
internal static class SecondFactorQueries
{
    /// <summary>How long after its first use a code may be sent again for the same operation; a code of a time step is valid for 90 seconds.</summary>
    public static TimeSpan RepeatedWithin { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The account's second factor, when it is in force.</summary>
    public static Task<Enrolment?> FindEnrolmentAsync(this AuthDbContext db, string accountId, CancellationToken cancellationToken) =>
        db.Enrolments.AsNoTracking().SingleOrDefaultAsync(e => e.AccountId == accountId && e.ConfirmedAt != null, cancellationToken);

    /// <summary>Puts a pending enrolment into the place of none or another pending one.</summary>
    /// <returns>False when one is in force.</returns>
    public static async Task<bool> BeginEnrolmentAsync(this AuthDbContext db, Enrolment pending, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO second_factors AS f (account_id, secret, mode, created_at)
            VALUES ({pending.AccountId}, {pending.Secret}, {pending.Mode.ToString()}, {pending.CreatedAt})
            ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, mode = excluded.mode, created_at = excluded.created_at
            WHERE f.confirmed_at IS NULL
            """,
            cancellationToken) == 1;

    /// <summary>Puts the pending enrolment whose code was checked into force.</summary>
    /// <returns>False when it is not there any more.</returns>
    public static async Task<bool> ConfirmEnrolmentAsync(this AuthDbContext db, Enrolment pending, DateTimeOffset now, CancellationToken cancellationToken) =>
        await db.Enrolments
            .Where(e => e.AccountId == pending.AccountId && e.ConfirmedAt == null && e.Secret == pending.Secret)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.ConfirmedAt, now), cancellationToken) == 1;

    /// <summary>Spends a code.</summary>
    /// <returns>True when it was not spent before, or for the same operation.</returns>
    public static async Task<bool> SpendCodeAsync(this AuthDbContext db, SpentCode spent, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO spent_codes (account_id, code, operation, expires_at)
            VALUES ({spent.AccountId}, {spent.Code}, {spent.Operation}, {spent.ExpiresAt})
            ON CONFLICT DO NOTHING
            """,
            cancellationToken);
        return await db.SpentCodes.AnyAsync(
            c => c.AccountId == spent.AccountId && c.Code == spent.Code && c.Operation == spent.Operation, cancellationToken);
    }

    /// <summary>True for a recovery code of the account that is unused, or was used just now.</summary>
    public static async Task<bool> UseRecoveryCodeAsync(
        this AuthDbContext db, string accountId, byte[] hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var justNow = now - RepeatedWithin;
        return await db.RecoveryCodes
            .Where(c => c.AccountId == accountId && c.Hash == hash && (c.UsedAt == null || c.UsedAt > justNow))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.UsedAt, c => c.UsedAt ?? now), cancellationToken) == 1;
    }

    /// <summary>True for the proof that a client of the account fetched just now.</summary>
    public static Task<bool> IsProofAsync(this AuthDbContext db, string accountId, byte[] hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var justNow = now - RepeatedWithin;
        return db.WebSessions.AnyAsync(s => s.ProofHash == hash && s.AccountId == accountId && s.CollectedAt > justNow, cancellationToken);
    }

    /// <summary>Forgets the account's second factor and all that belongs to it.</summary>
    public static async Task DeleteSecondFactorAsync(this AuthDbContext db, string accountId, CancellationToken cancellationToken)
    {
        await db.Enrolments.Where(e => e.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.RecoveryCodes.Where(c => c.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
    }
}
