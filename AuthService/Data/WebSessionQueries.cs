using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.WebSessions;

namespace Registry.AuthService.Data;

/// <summary>Queries about what somebody is to do on a page.</summary>
internal static class WebSessionQueries
{
    /// <summary>The session whose page this is the secret of, while it waits to be approved.</summary>
    public static Task<WebSession?> FindWaitingSessionAsync(this AuthDbContext db, string secret, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var hash = TokenSecret.Hash(secret);
        return db.WebSessions.AsNoTracking().SingleOrDefaultAsync(s => s.PageHash == hash && s.ApprovedAt == null && s.ExpiresAt > now, cancellationToken);
    }

    /// <summary>The session whose client polls with this secret, until it has fetched what it waits for.</summary>
    public static Task<WebSession?> FindUncollectedSessionAsync(this AuthDbContext db, string secret, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var hash = TokenSecret.Hash(secret);
        return db.WebSessions.AsNoTracking().SingleOrDefaultAsync(s => s.DoneHash == hash && s.CollectedAt == null && s.ExpiresAt > now, cancellationToken);
    }

    /// <summary>Approves a session for an account.</summary>
    /// <returns>False when that was done before.</returns>
    public static async Task<bool> ApproveSessionAsync(
        this AuthDbContext db, string id, string accountId, DateTimeOffset now, CancellationToken cancellationToken) =>
        await db.WebSessions
            .Where(s => s.Id == id && s.ApprovedAt == null && s.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.ApprovedAt, now).SetProperty(s => s.AccountId, accountId), cancellationToken) == 1;

    /// <summary>Notes that the client fetched what it waited for, and the proof's hash if it was one.</summary>
    /// <returns>False when that was done before.</returns>
    public static async Task<bool> CollectSessionAsync(
        this AuthDbContext db, string id, byte[]? proofHash, DateTimeOffset now, CancellationToken cancellationToken) =>
        await db.WebSessions
            .Where(s => s.Id == id && s.ApprovedAt != null && s.CollectedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.CollectedAt, now).SetProperty(s => s.ProofHash, proofHash), cancellationToken) == 1;
}
