using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Organisations;
using Registry.Contracts.Http;

namespace Registry.AuthService.Features.Organisations;

/// <summary>Whose membership of which organisation, on whose behalf.</summary>
internal sealed record NamedMember(ScopeName Scope, AccountName User, Caller Caller);

/// <summary>Gives accounts a role in an organisation, and takes it.</summary>
internal sealed class ChangeMembers(
    AuthDbContext db, FoundOrganisation found, OrganisationAccess access, OrganisationTransaction transaction, TimeProvider clock, IOptions<AccountsOptions> options)
{
    /// <summary>Makes the account a member in this role; without one, who is a member stays what he is, and others become developers.</summary>
    public Task<OrganisationOutcome> SetAsync(NamedMember member, OrganisationRole? role, CancellationToken cancellationToken) =>
        transaction.RunAsync(
            async token =>
            {
                // The first thing an owner of a scope does to make it an organisation is to let somebody in (npm org set).
                await found.FoundIfOwnedAsync(member.Scope, member.Caller, token);
                var (known, refusal) = await access.LockAsync(member.Scope.Value, member.Caller, token);
                return known is null ? new OrganisationOutcome.Refused(refusal!) : await SetAsync(known, member.User.Value, role, token);
            },
            cancellationToken);

    /// <summary>Ends the membership, and with it that of every team. Everybody may leave by himself, but for the last owner.</summary>
    public Task<OrganisationOutcome> RemoveAsync(NamedMember member, CancellationToken cancellationToken) =>
        transaction.RunAsync(
            member.Scope.Value,
            member.Caller,
            async (known, token) => await LeaveAsync(known, member, token) is { } refusal
                ? new OrganisationOutcome.Refused(refusal)
                : new OrganisationOutcome.Done(),
            cancellationToken);

    private async Task<OrganisationOutcome> SetAsync(KnownOrganisation known, string user, OrganisationRole? role, CancellationToken cancellationToken)
    {
        var organisation = known.Organisation;
        var member = await db.FindMemberAsync(organisation.Id, user, cancellationToken);
        var wanted = role ?? member?.Role ?? OrganisationRole.Developer;
        var refusal = known.RefuseMemberChange(member?.Role, wanted)
            ?? (member is null
                ? await JoinAsync(organisation, user, wanted, cancellationToken)
                : await ChangeAsync(organisation, member, wanted, cancellationToken));
        if (refusal is not null)
        {
            return new OrganisationOutcome.Refused(refusal);
        }

        await db.SaveChangesAsync(cancellationToken);
        var size = await db.OrganisationMembers.CountAsync(m => m.OrganisationId == organisation.Id, cancellationToken);
        return new OrganisationOutcome.MemberSet(organisation.Scope, size, user, wanted);
    }

    private async Task<Refusal?> JoinAsync(Organisation organisation, string user, OrganisationRole role, CancellationToken cancellationToken)
    {
        if (await db.FindAccountAsync(user, cancellationToken) is not { } account)
        {
            return Refusal.AccountNotFound(user);
        }

        if (await db.OrganisationMembers.CountAsync(m => m.OrganisationId == organisation.Id, cancellationToken) >= options.Value.MaxMembersPerOrganisation)
        {
            return Refusal.TooMany($"The organisation {organisation.Scope} has as many members as an organisation may");
        }

        // Of organisations too: one may be a member without being in any team.
        if (await db.TeamMembers.CountAsync(m => m.AccountId == account.Id, cancellationToken) >= options.Value.MaxTeamsPerAccount
            || await db.OrganisationMembers.CountAsync(m => m.AccountId == account.Id, cancellationToken) >= options.Value.MaxTeamsPerAccount)
        {
            return Refusal.TooMany($"{user} is in as many organisations and teams as an account may");
        }

        var now = clock.GetUtcNow();
        var developers = (await db.FindTeamAsync(organisation.Id, Team.Developers, cancellationToken))!;
        db.OrganisationMembers.Add(new OrganisationMember { OrganisationId = organisation.Id, AccountId = account.Id, Role = role, JoinedAt = now });
        db.TeamMembers.Add(new TeamMember { TeamId = developers.Id, AccountId = account.Id, JoinedAt = now });
        db.EnqueueMembershipsChanged(account.Id, now);
        return null;
    }

    private async Task<Refusal?> ChangeAsync(Organisation organisation, OrganisationMember member, OrganisationRole role, CancellationToken cancellationToken)
    {
        if (role != OrganisationRole.Owner && await IsLastOwnerAsync(organisation, member, cancellationToken))
        {
            return LastOwner(organisation);
        }

        member.Role = role;
        return null;
    }

    private async Task<Refusal?> LeaveAsync(KnownOrganisation known, NamedMember leaving, CancellationToken cancellationToken)
    {
        var organisation = known.Organisation;
        var user = leaving.User.Value;
        if (await db.FindMemberAsync(organisation.Id, user, cancellationToken) is not { } member)
        {
            return known.RefuseMemberChange(null, null) ?? Refusal.MemberNotFound(user, $"the organisation {organisation.Scope}");
        }

        if (member.AccountId != leaving.Caller.UserId && known.RefuseMemberChange(member.Role, null) is { } refusal)
        {
            return refusal;
        }

        if (await IsLastOwnerAsync(organisation, member, cancellationToken))
        {
            return LastOwner(organisation);
        }

        db.OrganisationMembers.Remove(member);
        await db.TeamMembers
            .Where(m => m.AccountId == member.AccountId && db.Teams.Any(t => t.Id == m.TeamId && t.OrganisationId == organisation.Id))
            .ExecuteDeleteAsync(cancellationToken);
        db.EnqueueMembershipsChanged(member.AccountId, clock.GetUtcNow());
        return null;
    }

    private async Task<bool> IsLastOwnerAsync(Organisation organisation, OrganisationMember member, CancellationToken cancellationToken) =>
        member.Role == OrganisationRole.Owner
        && !await db.OrganisationMembers.AnyAsync(
            m => m.OrganisationId == organisation.Id && m.Role == OrganisationRole.Owner && m.AccountId != member.AccountId, cancellationToken);

    private static Refusal LastOwner(Organisation organisation) =>
        new(RefusalReason.Conflict, "last_owner", $"The organisation {organisation.Scope} needs an owner: make somebody else one first");
}
