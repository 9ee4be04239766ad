using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;

namespace Registry.AuthService.Features.Operators;

/// <summary>How a change to an account ended.</summary>
internal enum ChangeAccountOutcome
{
    Changed,
    NotFound,
    Busy,
}

/// <summary>Changes what an account's credentials are worth, and tells those who remember introspections.</summary>
internal sealed partial class ChangeAccount(
    AuthDbContext db, PasswordHashing hashing, Credentials credentials, TimeProvider clock, ILogger<ChangeAccount> logger)
{
    public async Task<ChangeAccountOutcome> SetPasswordAsync(string name, string password, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } account)
        {
            return ChangeAccountOutcome.NotFound;
        }

        if (await hashing.HashAsync(password, cancellationToken) is not { } hash)
        {
            return ChangeAccountOutcome.Busy;
        }

        account.PasswordHash = hash;
        credentials.Forget(CredentialId.OfPassword(account.Id));
        await credentials.SaveAsync(cancellationToken);
        LogPasswordChanged(account.Name);
        return ChangeAccountOutcome.Changed;
    }

    public async Task<ChangeAccountOutcome> DisableAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } account)
        {
            return ChangeAccountOutcome.NotFound;
        }

        account.DisabledAt ??= clock.GetUtcNow();
        await credentials.ForgetAllAsync(account.Id, cancellationToken);
        await credentials.SaveAsync(cancellationToken);
        LogDisabled(account.Name);
        return ChangeAccountOutcome.Changed;
    }

    public async Task<ChangeAccountOutcome> EnableAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } account)
        {
            return ChangeAccountOutcome.NotFound;
        }

        account.DisabledAt = null;
        await db.SaveChangesAsync(cancellationToken);
        LogEnabled(account.Name);
        return ChangeAccountOutcome.Changed;
    }

    /// <summary>For somebody who has neither authenticator nor recovery codes left; harmless when there is no second factor.</summary>
    public async Task<ChangeAccountOutcome> DisableSecondFactorAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } account)
        {
            return ChangeAccountOutcome.NotFound;
        }

        await db.DeleteSecondFactorAsync(account.Id, cancellationToken);
        await credentials.ForgetAllAsync(account.Id, cancellationToken);
        await credentials.SaveAsync(cancellationToken);
        LogSecondFactorDisabled(account.Name);
        return ChangeAccountOutcome.Changed;
    }

    private Task<Account?> FindAsync(string name, CancellationToken cancellationToken) =>
        db.Accounts.SingleOrDefaultAsync(a => a.Name == name, cancellationToken);

    [LoggerMessage(Level = LogLevel.Information, Message = "The password of account {AccountName} was set by the operator")]
    private partial void LogPasswordChanged(string accountName);

    [LoggerMessage(Level = LogLevel.Information, Message = "The second factor of account {AccountName} was disabled by the operator")]
    private partial void LogSecondFactorDisabled(string accountName);

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {AccountName} was disabled by the operator")]
    private partial void LogDisabled(string accountName);

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {AccountName} was enabled by the operator")]
    private partial void LogEnabled(string accountName);
}
