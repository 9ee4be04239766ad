using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Data;

namespace Registry.AuthService.Accounts;

/// <summary>How an attempt to log in ended.</summary>
internal abstract record CheckPasswordOutcome
{
    private CheckPasswordOutcome()
    {
    }

    public sealed record Accepted(Account Account) : CheckPasswordOutcome;

    public sealed record Rejected : CheckPasswordOutcome;

    /// <summary>Not looked at: too many failures before it, or too many attempts at once.</summary>
    public sealed record Throttled(TimeSpan RetryAfter) : CheckPasswordOutcome;
}

/// <summary>Finds out whether a password is an account's. A disabled account is like one that does not exist.</summary>
internal sealed class CheckPassword(AuthDbContext db, PasswordVerifier verifier, PasswordHashing hashing)
{
    public async Task<CheckPasswordOutcome> ExecuteAsync(PasswordAttempt attempt, CancellationToken cancellationToken)
    {
        var account = await db.Accounts.AsNoTracking()
            .SingleOrDefaultAsync(a => a.Name == attempt.AccountName && a.DisabledAt == null, cancellationToken);
        var (verdict, retryAfter) = await verifier.VerifyAsync(attempt, account?.PasswordHash, cancellationToken);
        if (account is null)
        {
            return verdict == PasswordVerdict.Throttled ? new CheckPasswordOutcome.Throttled(retryAfter) : new CheckPasswordOutcome.Rejected();
        }

        switch (verdict)
        {
            case PasswordVerdict.RightButHashIsOld:
                await RenewHashAsync(account, attempt.Password, cancellationToken);
                return new CheckPasswordOutcome.Accepted(account);
            case PasswordVerdict.Right:
                return new CheckPasswordOutcome.Accepted(account);
            case PasswordVerdict.Throttled:
                return new CheckPasswordOutcome.Throttled(retryAfter);
            default:
                return new CheckPasswordOutcome.Rejected();
        }
    }

    /// <summary>Only over the hash that was checked: a password changed meanwhile stays changed.</summary>
    private async Task RenewHashAsync(Account account, string password, CancellationToken cancellationToken)
    {
        if (await hashing.HashAsync(password, cancellationToken) is { } renewed)
        {
            await db.Accounts
                .Where(a => a.Id == account.Id && a.PasswordHash == account.PasswordHash)
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.PasswordHash, renewed), cancellationToken);
        }
    }
}
