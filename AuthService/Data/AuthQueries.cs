using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;

namespace Registry.AuthService.Data;

/// <summary>Queries with a name, and the SQL that EF has no words for.</summary>
internal static class AuthQueries
{
    /// <summary>True when an account or a claimed scope has this name or a look-alike of it.</summary>
    public static async Task<bool> IsNameTakenAsync(this AuthDbContext db, string folded, CancellationToken cancellationToken) =>
        await db.Accounts.AnyAsync(a => a.FoldedName == folded, cancellationToken)
        || await db.Scopes.AnyAsync(s => s.FoldedScope == folded, cancellationToken);

    /// <summary>The account with this name, unless it is disabled.</summary>
    public static Task<Account?> FindAccountAsync(this AuthDbContext db, string? name, CancellationToken cancellationToken) =>
        db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Name == name && a.DisabledAt == null, cancellationToken);

    /// <summary>Lets one transaction at a time make an account of this name or a look-alike.</summary>
    public static Task LockNameAsync(this AuthDbContext db, string folded, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"SELECT pg_advisory_xact_lock(hashtextextended('registry.auth.name:' || {folded}, 0))", cancellationToken);

    /// <summary>Lets one transaction at a time make an administrator.</summary>
    public static Task LockAdministratorsAsync(this AuthDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('registry.auth.administrators', 0))", cancellationToken);

    /// <summary>Gives an unowned scope to an account that exists; leaves an owned one, and its look-alikes, alone.</summary>
    public static Task ClaimScopeAsync(
        this AuthDbContext db, OwnedScope claim, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO scopes (scope, folded_scope, account_id, claimed_at)
            SELECT {claim.Scope}, {claim.FoldedScope}, a.id, {claim.ClaimedAt} FROM accounts a
            WHERE a.id = {claim.AccountId} AND a.disabled_at IS NULL
            ON CONFLICT DO NOTHING
            """,
            cancellationToken);

    /// <summary>Notes that a token was used, unless that was noted within the last minute: reads must not become writes.</summary>
    public static Task NoteUseAsync(this AuthDbContext db, string tokenId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var stale = now - LastUsePrecision;
        return db.AccessTokens
            .Where(t => t.Id == tokenId && (t.LastUsedAt == null || t.LastUsedAt <= stale))
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.LastUsedAt, now), cancellationToken);
    }

    /// <summary>How many access tokens of the account work.</summary>
    public static Task<int> CountTokensAsync(this AuthDbContext db, string accountId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.WorkingTokens(accountId, now).CountAsync(cancellationToken);

    /// <summary>A page of the account's working access tokens, newest first.</summary>
    public static Task<List<AccessToken>> ListTokensAsync(
        this AuthDbContext db, string accountId, DateTimeOffset now, int skip, int take, CancellationToken cancellationToken) =>
        db.WorkingTokens(accountId, now).AsNoTracking().OrderByDescending(t => t.Id).Skip(skip).Take(take).ToListAsync(cancellationToken);

    /// <summary>
    /// A token of the account that is not revoked, by itself or by its key: the SHA-512, in hexadecimal, of what is kept of it. Clients
    /// know the key as something that says nothing about the token (npm protocol 3.10).
    /// </summary>
    public static Task<AccessToken?> FindTokenAsync(this AuthDbContext db, string accountId, string named, CancellationToken cancellationToken)
    {
        var hash = TokenSecret.Hash(named);
        return db.AccessTokens
            .FromSql($"SELECT * FROM access_tokens WHERE account_id = {accountId} AND (hash = {hash} OR encode(sha512(hash), 'hex') = {named})")
            .SingleOrDefaultAsync(t => t.RevokedAt == null, cancellationToken);
    }

    private static IQueryable<AccessToken> WorkingTokens(this AuthDbContext db, string accountId, DateTimeOffset now) =>
        db.AccessTokens.Where(t => t.AccountId == accountId && t.RevokedAt == null && (t.ExpiresAt == null || t.ExpiresAt > now));

    /// <summary>How precisely the last use of a token is known.</summary>
    public static TimeSpan LastUsePrecision { get; } = TimeSpan.FromMinutes(1);
}
