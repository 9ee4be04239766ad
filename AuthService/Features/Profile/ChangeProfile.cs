using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.Contracts.Http;

namespace Registry.AuthService.Features.Profile;

/// <summary>How changing a profile ended.</summary>
internal abstract record ChangeProfileOutcome
{
    private ChangeProfileOutcome()
    {
    }

    public sealed record Changed(Account Account) : ChangeProfileOutcome;

    public sealed record WrongPassword : ChangeProfileOutcome;

    public sealed record NotFound : ChangeProfileOutcome;

    public sealed record Throttled(TimeSpan RetryAfter) : ChangeProfileOutcome;
}

/// <summary>
/// Changes the caller's profile and password. Access tokens outlive the password, as with npm: whoever changes it because somebody
/// else knows it also revokes what that somebody may have made.
/// </summary>
internal sealed partial class ChangeProfile(
    AuthDbContext db, CheckPassword checkPassword, PasswordHashing hashing, Credentials credentials, TimeProvider clock, ILogger<ChangeProfile> logger)
{
    public async Task<ChangeProfileOutcome> ExecuteAsync(Caller caller, string? address, ProfileChange change, CancellationToken cancellationToken)
    {
        string? hash = null;
        if (change.Password is var (old, wanted))
        {
            switch (await checkPassword.ExecuteAsync(new PasswordAttempt(caller.UserName!, old, address), cancellationToken))
            {
                case CheckPasswordOutcome.Throttled(var wait):
                    return new ChangeProfileOutcome.Throttled(wait);
                case CheckPasswordOutcome.Rejected:
                    return new ChangeProfileOutcome.WrongPassword();
            }

            if ((hash = await hashing.HashAsync(wanted, cancellationToken)) is null)
            {
                return new ChangeProfileOutcome.Throttled(TimeSpan.FromSeconds(1));
            }
        }

        var account = await db.Accounts.SingleOrDefaultAsync(a => a.Id == caller.UserId && a.DisabledAt == null, cancellationToken);
        return account is null
            ? new ChangeProfileOutcome.NotFound()
            : new ChangeProfileOutcome.Changed(await SaveAsync(account, change, hash, cancellationToken));
    }

    private async Task<Account> SaveAsync(Account account, ProfileChange change, string? hash, CancellationToken cancellationToken)
    {
        change.ApplyTo(account, clock.GetUtcNow());
        if (hash is not null)
        {
            account.PasswordHash = hash;
            credentials.Forget(CredentialId.OfPassword(account.Id));
        }

        await credentials.SaveAsync(cancellationToken);
        if (hash is not null)
        {
            LogPasswordChanged(account.Name);
        }

        return account;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The password of account {AccountName} was changed by its owner")]
    private partial void LogPasswordChanged(string accountName);
}
