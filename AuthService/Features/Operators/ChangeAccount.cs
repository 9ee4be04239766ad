using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.Contracts.Events;
using Registry.Messaging;

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
    AuthDbContext db, PasswordHashing hashing, OutboxSignal signal, TimeProvider clock, ILogger<ChangeAccount> logger)
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
        EnqueueRevoked(CredentialId.OfPassword(account.Id));
        await SaveAsync(cancellationToken);
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
        EnqueueRevoked(CredentialId.OfPassword(account.Id));
        var tokens = await db.AccessTokens
            .Where(t => t.AccountId == account.Id && t.RevokedAt == null).Select(t => t.Id).ToListAsync(cancellationToken);
        tokens.ForEach(id => EnqueueRevoked(CredentialId.OfToken(id)));
        await SaveAsync(cancellationToken);
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

    private Task<Account?> FindAsync(string name, CancellationToken cancellationToken) =>
        db.Accounts.SingleOrDefaultAsync(a => a.Name == name, cancellationToken);

    private void EnqueueRevoked(string credentialId) =>
        db.Enqueue(new AccessTokenRevoked(Guid.CreateVersion7(), clock.GetUtcNow(), credentialId));

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        signal.Raise();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The password of account {AccountName} was set by the operator")]
    private partial void LogPasswordChanged(string accountName);

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {AccountName} was disabled by the operator")]
    private partial void LogDisabled(string accountName);

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {AccountName} was enabled by the operator")]
    private partial void LogEnabled(string accountName);
}
