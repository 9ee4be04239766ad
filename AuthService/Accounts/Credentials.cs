using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Data;
using Registry.Contracts.Events;
using Registry.Messaging;

namespace Registry.AuthService.Accounts;

/// <summary>Tells those who remember introspections that what a credential is worth has changed.</summary>
internal sealed class Credentials(AuthDbContext db, OutboxSignal signal, TimeProvider clock)
{
    /// <summary>Adds the event about one credential to the unit of work.</summary>
    public void Forget(string credentialId) => db.Enqueue(new AccessTokenRevoked(Guid.CreateVersion7(), clock.GetUtcNow(), credentialId));

    /// <summary>Adds the events about all of an account's credentials to the unit of work.</summary>
    public async Task ForgetAllAsync(string accountId, CancellationToken cancellationToken)
    {
        Forget(CredentialId.OfPassword(accountId));
        var tokens = await db.AccessTokens
            .Where(t => t.AccountId == accountId && t.RevokedAt == null).Select(t => t.Id).ToListAsync(cancellationToken);
        tokens.ForEach(id => Forget(CredentialId.OfToken(id)));
    }

    /// <summary>Saves the unit of work and has its events sent at once.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        signal.Raise();
    }
}
