using System.Buffers.Text;
using System.Security.Cryptography;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.WebSessions;

namespace Registry.AuthService.Features.WebLogin;

/// <summary>Gives the client what it waits for, which is made only now, so that nothing that works lies in the database.</summary>
internal sealed class CollectWebSession(AuthDbContext db, AccessTokens tokens, TimeProvider clock)
{
    private const string TokenName = "npm login (browser)";

    /// <returns>The access token, or the proof of a second factor; null when somebody else has it.</returns>
    public async Task<string?> ExecuteAsync(WebSession session, CancellationToken cancellationToken)
    {
        if (session.Kind == WebSessionKind.SecondFactor)
        {
            var proof = $"otp_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";
            return await db.CollectSessionAsync(session.Id, TokenSecret.Hash(proof), clock.GetUtcNow(), cancellationToken) ? proof : null;
        }

        await tokens.MakeRoomAsync(session.AccountId!, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await db.CollectSessionAsync(session.Id, null, clock.GetUtcNow(), cancellationToken))
        {
            return null;
        }

        var (_, secret) = tokens.Issue(session.AccountId!, new TokenGrant(TokenName));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return secret;
    }
}
