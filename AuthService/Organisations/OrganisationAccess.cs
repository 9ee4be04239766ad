using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.Contracts.Http;

namespace Registry.AuthService.Organisations;

/// <summary>An organisation the caller belongs to.</summary>
/// <param name="Organisation">The organisation.</param>
/// <param name="Role">What the caller may do there.</param>
internal sealed record KnownOrganisation(Organisation Organisation, OrganisationRole Role)
{
    /// <summary>Why the caller may not change teams; null when the caller may.</summary>
    public Refusal? RefuseTeamChange() =>
        Role >= OrganisationRole.Admin ? null : Refusal.RoleNeeded($"Only owners and admins of the organisation {Organisation.Scope} change its teams");

    /// <summary>Why the caller may not make a member of one role one of another, or none; null when the caller may.</summary>
    public Refusal? RefuseMemberChange(OrganisationRole? from, OrganisationRole? to) =>
        Role == OrganisationRole.Owner || (Role == OrganisationRole.Admin && IsDeveloperOrNone(from) && IsDeveloperOrNone(to))
            ? null
            : Refusal.RoleNeeded(
                Role == OrganisationRole.Admin
                    ? $"Only owners of the organisation {Organisation.Scope} appoint or remove owners and admins"
                    : $"Only owners and admins of the organisation {Organisation.Scope} change its members");

    private static bool IsDeveloperOrNone(OrganisationRole? role) => role is null or OrganisationRole.Developer;
}

/// <summary>Finds organisations on behalf of a caller.</summary>
internal sealed class OrganisationAccess(AuthDbContext db)
{
    /// <summary>The organisation with this scope, if the caller is a member, or an administrator of the registry.</summary>
    public async Task<(KnownOrganisation? Known, Refusal? Refusal)> FindAsync(string scope, Caller caller, CancellationToken cancellationToken) =>
        await KnowAsync(IsName(scope) ? await db.FindOrganisationAsync(scope, cancellationToken) : null, scope, caller, cancellationToken);

    /// <summary>The same for a change: locked until the transaction ends.</summary>
    public async Task<(KnownOrganisation? Known, Refusal? Refusal)> LockAsync(string scope, Caller caller, CancellationToken cancellationToken)
    {
        var found = await KnowAsync(IsName(scope) ? await db.LockOrganisationAsync(scope, cancellationToken) : null, scope, caller, cancellationToken);
        return found.Known is not null && caller.Limits is { ReadOnly: true }
            ? (null, new Refusal(RefusalReason.Forbidden, "token_read_only", "This access token may only read"))
            : found;
    }

    /// <summary>Why the access token does not reach the scope; null when it does.</summary>
    public static Refusal? RefuseToken(Caller caller, string scope) =>
        caller.Limits?.ReachesOrganisation(scope) == false
            ? new Refusal(RefusalReason.Forbidden, "token_limited", $"This access token is not for the scope {scope}: it is limited to other packages or scopes")
            : null;

    private static bool IsName(string scope) => ScopeName.Parse(scope) is not null;

    private async Task<(KnownOrganisation? Known, Refusal? Refusal)> KnowAsync(
        Organisation? organisation, string scope, Caller caller, CancellationToken cancellationToken)
    {
        var role = organisation is null ? null : await db.RoleOfAsync(organisation.Id, caller.UserId, cancellationToken);
        if (organisation is not null && caller.IsAdministrator)
        {
            role = OrganisationRole.Owner;
        }

        return role is null ? (null, Refusal.OrganisationNotFound(scope))
            : RefuseToken(caller, scope) is { } limited ? (null, limited)
            : (new KnownOrganisation(organisation!, role.Value), null);
    }
}
