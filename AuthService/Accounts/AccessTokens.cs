using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.AuthService.Data;
using Registry.Contracts.Events;
using Registry.Messaging;

namespace Registry.AuthService.Accounts;

/// <summary>Makes access tokens and ends them.</summary>
internal sealed partial class AccessTokens(
    AuthDbContext db, OutboxSignal signal, TimeProvider clock, IOptions<AccountsOptions> options, ILogger<AccessTokens> logger)
{
    /// <summary>Adds a token to the unit of work; the caller saves it.</summary>
    /// <returns>What is kept, and the token itself.</returns>
    public (AccessToken Token, string Secret) Issue(string accountId, TokenGrant grant)
    {
        var secret = TokenSecret.NewToken();
        var token = new AccessToken
        {
            Id = Guid.CreateVersion7().ToString(),
            AccountId = accountId,
            Hash = TokenSecret.Hash(secret),
            Hint = TokenSecret.Hint(secret),
            Name = grant.Name,
            Description = grant.Description,
            ReadOnly = grant.ReadOnly,
            Packages = grant.Packages,
            Scopes = grant.Scopes,
            Organisations = grant.Organisations,
            Cidrs = grant.Cidrs,
            BypassesSecondFactor = grant.BypassesSecondFactor,
            CreatedAt = clock.GetUtcNow(),
            ExpiresAt = grant.ExpiresAt,
        };
        db.AccessTokens.Add(token);
        return (token, secret);
    }

    /// <summary>Ends a token at once, here and, through the event, wherever its introspection is remembered.</summary>
    public async Task RevokeAsync(AccessToken token, CancellationToken cancellationToken)
    {
        Revoke(token);
        await db.SaveChangesAsync(cancellationToken);
        signal.Raise();
        LogRevoked(token.Id);
    }

    /// <summary>Makes room for one more token made by logging in: those unused for longest give way.</summary>
    public async Task MakeRoomAsync(string accountId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var surplus = await db.AccessTokens
            .Where(t => t.AccountId == accountId && t.RevokedAt == null && (t.ExpiresAt == null || t.ExpiresAt > now))
            .OrderByDescending(t => t.LastUsedAt ?? t.CreatedAt)
            .Skip(options.Value.MaxTokensPerAccount - 1)
            .ToListAsync(cancellationToken);
        if (surplus.Count == 0)
        {
            return;
        }

        surplus.ForEach(Revoke);
        await db.SaveChangesAsync(cancellationToken);
        signal.Raise();
        LogMadeRoom(surplus.Count, accountId);
    }

    private void Revoke(AccessToken token)
    {
        var now = clock.GetUtcNow();
        token.RevokedAt = now;
        db.Enqueue(new AccessTokenRevoked(Guid.CreateVersion7(), now, CredentialId.OfToken(token.Id)));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Access token {TokenId} was revoked")]
    private partial void LogRevoked(string tokenId);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} access tokens of account {AccountId} were revoked to make room")]
    private partial void LogMadeRoom(int count, string accountId);
}
