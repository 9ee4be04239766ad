using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Organisations;
using Registry.Contracts.Http;

namespace Registry.AuthService.Features.Teams;

/// <summary>A team, on whose behalf.</summary>
internal sealed record NamedTeam(string Scope, TeamName Name, Caller Caller);

/// <summary>Makes teams, ends them, and changes who is in them; for owners and admins of their organisation.</summary>
internal sealed class ChangeTeams(AuthDbContext db, OrganisationTransaction transaction, TimeProvider clock, IOptions<AccountsOptions> options)
{
    public Task<OrganisationOutcome> CreateAsync(NamedTeam team, string? description, CancellationToken cancellationToken) =>
        RunAsync(team, (organisation, token) => AddAsync(organisation, team.Name, description, token), cancellationToken);

    /// <summary>Ends the team. What it was given stays written down at the packages, and nobody has it any more.</summary>
    public Task<OrganisationOutcome> DestroyAsync(NamedTeam team, CancellationToken cancellationToken) =>
        RunOnAsync(team, (row, token) => RemoveAsync(row, team.Scope, token), cancellationToken);

    public Task<OrganisationOutcome> AddMemberAsync(NamedTeam team, AccountName user, CancellationToken cancellationToken) =>
        RunOnAsync(team, (row, token) => JoinAsync(row, team.Scope, user.Value, token), cancellationToken);

    public Task<OrganisationOutcome> RemoveMemberAsync(NamedTeam team, AccountName user, CancellationToken cancellationToken) =>
        RunOnAsync(team, (row, token) => LeaveAsync(row, team.Scope, user.Value, token), cancellationToken);

    private Task<OrganisationOutcome> RunOnAsync(NamedTeam team, Func<Team, CancellationToken, Task<Refusal?>> change, CancellationToken cancellationToken) =>
        RunAsync(
            team,
            async (organisation, token) => await db.FindTeamAsync(organisation.Id, team.Name.Value, token) is { } row
                ? await change(row, token)
                : Refusal.TeamNotFound(team.Scope, team.Name.Value),
            cancellationToken);

    private Task<OrganisationOutcome> RunAsync(
        NamedTeam team, Func<Organisation, CancellationToken, Task<Refusal?>> change, CancellationToken cancellationToken) =>
        transaction.RunAsync(
            team.Scope,
            team.Caller,
            async (known, token) => (known.RefuseTeamChange() ?? await change(known.Organisation, token)) is { } refusal
                ? new OrganisationOutcome.Refused(refusal)
                : new OrganisationOutcome.Done(),
            cancellationToken);

    private async Task<Refusal?> AddAsync(Organisation organisation, TeamName name, string? description, CancellationToken cancellationToken)
    {
        if (await db.FindTeamAsync(organisation.Id, name.Value, cancellationToken) is not null)
        {
            return new Refusal(RefusalReason.Conflict, "team_exists", $"The organisation {organisation.Scope} has a team named {name} already");
        }

        if (await db.Teams.CountAsync(t => t.OrganisationId == organisation.Id, cancellationToken) >= options.Value.MaxTeamsPerOrganisation)
        {
            return Refusal.TooMany($"The organisation {organisation.Scope} has as many teams as an organisation may");
        }

        db.Teams.Add(new Team
        {
            Id = Guid.CreateVersion7().ToString(),
            OrganisationId = organisation.Id,
            Name = name.Value,
            Description = description,
            CreatedAt = clock.GetUtcNow(),
        });
        return null;
    }

    private async Task<Refusal?> RemoveAsync(Team team, string scope, CancellationToken cancellationToken)
    {
        if (team.Name == Team.Developers)
        {
            return new Refusal(RefusalReason.Invalid, "team_required", $"The team {scope}:{team.Name} cannot be destroyed: new members join it");
        }

        var members = await db.TeamMembers.Where(m => m.TeamId == team.Id).ToListAsync(cancellationToken);
        members.ForEach(member => db.EnqueueMembershipsChanged(member.AccountId, clock.GetUtcNow()));
        db.TeamMembers.RemoveRange(members);
        db.Teams.Remove(team);
        return null;
    }

    private async Task<Refusal?> JoinAsync(Team team, string scope, string user, CancellationToken cancellationToken)
    {
        if (await db.FindMemberAsync(team.OrganisationId, user, cancellationToken) is not { } member)
        {
            return Refusal.MemberNotFound(user, $"the organisation {scope}: make it one with npm org set");
        }

        if (await db.TeamMembers.AnyAsync(m => m.TeamId == team.Id && m.AccountId == member.AccountId, cancellationToken))
        {
            return null; // it is there already
        }

        if (await db.TeamMembers.CountAsync(m => m.AccountId == member.AccountId, cancellationToken) >= options.Value.MaxTeamsPerAccount)
        {
            return Refusal.TooMany($"{user} is in as many teams as an account may");
        }

        var now = clock.GetUtcNow();
        db.TeamMembers.Add(new TeamMember { TeamId = team.Id, AccountId = member.AccountId, JoinedAt = now });
        db.EnqueueMembershipsChanged(member.AccountId, now);
        return null;
    }

    private async Task<Refusal?> LeaveAsync(Team team, string scope, string user, CancellationToken cancellationToken)
    {
        var member = await db.TeamMembers.SingleOrDefaultAsync(
            m => m.TeamId == team.Id && db.Accounts.Any(a => a.Id == m.AccountId && a.Name == user), cancellationToken);
        if (member is null)
        {
            return Refusal.MemberNotFound(user, $"the team {scope}:{team.Name}");
        }

        db.TeamMembers.Remove(member);
        db.EnqueueMembershipsChanged(member.AccountId, clock.GetUtcNow());
        return null;
    }
}
