using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Organisations;
using Registry.Contracts.Events;
using Registry.Messaging;

namespace Registry.AuthService.Data;

/// <summary>Queries about organisations and teams that have a name.</summary>
internal static class OrganisationQueries
{
    /// <summary>The organisation a scope is.</summary>
    public static Task<Organisation?> FindOrganisationAsync(this AuthDbContext db, string scope, CancellationToken cancellationToken) =>
        db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Scope == scope, cancellationToken);

    /// <summary>The same, locked until the transaction ends.</summary>
    public static async Task<Organisation?> LockOrganisationAsync(this AuthDbContext db, string scope, CancellationToken cancellationToken)
    {
        var rows = await db.Organisations.FromSql($"SELECT * FROM organisations WHERE scope = {scope} FOR UPDATE").AsNoTracking().OrderBy(o => o.Scope).ToListAsync(cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>An account's role in an organisation; null when it is no member.</summary>
    public static Task<OrganisationRole?> RoleOfAsync(
        this AuthDbContext db, string organisationId, string? accountId, CancellationToken cancellationToken) =>
        db.OrganisationMembers.Where(m => m.OrganisationId == organisationId && m.AccountId == accountId)
            .Select(m => (OrganisationRole?)m.Role).SingleOrDefaultAsync(cancellationToken);

    /// <summary>The membership of an account, by its name, to be changed.</summary>
    public static Task<OrganisationMember?> FindMemberAsync(
        this AuthDbContext db, string organisationId, string accountName, CancellationToken cancellationToken) =>
        db.OrganisationMembers
            .SingleOrDefaultAsync(
                m => m.OrganisationId == organisationId && db.Accounts.Any(a => a.Id == m.AccountId && a.Name == accountName), cancellationToken);

    /// <summary>A team of an organisation.</summary>
    public static Task<Team?> FindTeamAsync(this AuthDbContext db, string organisationId, string name, CancellationToken cancellationToken) =>
        db.Teams.SingleOrDefaultAsync(t => t.OrganisationId == organisationId && t.Name == name, cancellationToken);

    /// <summary>The accounts in a team.</summary>
    public static IQueryable<Account> MembersOf(this AuthDbContext db, string teamId) =>
        db.Accounts.AsNoTracking().Where(a => db.TeamMembers.Any(m => m.TeamId == teamId && m.AccountId == a.Id)).OrderBy(a => a.Name);

    /// <summary>Ids of the organisations and of the teams an account belongs to.</summary>
    public static async Task<(List<string> Organisations, List<string> Teams)> MembershipsOfAsync(
        this AuthDbContext db, string accountId, CancellationToken cancellationToken) =>
        (await db.OrganisationMembers.Where(m => m.AccountId == accountId).Select(m => m.OrganisationId).ToListAsync(cancellationToken),
            await db.TeamMembers.Where(m => m.AccountId == accountId).Select(m => m.TeamId).ToListAsync(cancellationToken));

    /// <summary>Tells those who remember introspections that an account belongs to other organisations or teams than before.</summary>
    public static void EnqueueMembershipsChanged(this AuthDbContext db, string accountId, DateTimeOffset now) =>
        db.Enqueue(new AccessTokenRevoked(Guid.CreateVersion7(), now, CredentialId.OfAccount(accountId)));
}
