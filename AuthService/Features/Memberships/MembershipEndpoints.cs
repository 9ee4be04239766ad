using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.AuthService.Organisations;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults.Routing;

namespace Registry.AuthService.Features.Memberships;

/// <summary>What PackageService has to know of organisations and teams when it gives packages to them, and tells who has them.</summary>
internal static class MembershipEndpoints
{
    public static void MapMemberships(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(AuthRoutes.Organisation, GetOrganisationAsync);
        routes.MapGet(AuthRoutes.Team, GetTeamAsync);
        routes.MapPost(AuthRoutes.TeamMembers, ListTeamMembersAsync).WithSmallBody();
    }

    private static async Task<Results<Ok<OrganisationResponse>, ProblemHttpResult>> GetOrganisationAsync(
        string scope, string? member, AuthDbContext db, CancellationToken cancellationToken)
    {
        var name = TargetPath.Unescape(scope);
        return await FindAsync(db, name, cancellationToken) is { } organisation
            ? TypedResults.Ok(new OrganisationResponse(organisation.Id, name, await RoleAsync(db, organisation, member, cancellationToken)))
            : Refusal.OrganisationNotFound(name).ToProblem();
    }

    private static async Task<Results<Ok<TeamResponse>, ProblemHttpResult>> GetTeamAsync(
        string scope, string team, string? member, AuthDbContext db, CancellationToken cancellationToken)
    {
        var name = TargetPath.Unescape(scope);
        return await FindAsync(db, name, cancellationToken) is { } organisation
            && TeamName.Parse(TargetPath.Unescape(team)) is { } teamName
            && await db.FindTeamAsync(organisation.Id, teamName.Value, cancellationToken) is { } row
            ? TypedResults.Ok(new TeamResponse(new TeamReference(row.Id, name, row.Name), await RoleAsync(db, organisation, member, cancellationToken)))
            : Refusal.TeamNotFound(name, team).ToProblem();
    }

    private static async Task<Results<Ok<List<TeamMemberResponse>>, ProblemHttpResult>> ListTeamMembersAsync(
        TeamMembersRequest request, AuthDbContext db, CancellationToken cancellationToken) =>
        request.TeamIds.Count > TeamMembersRequest.MostTeams
            ? AuthProblems.Invalid($"At most {TeamMembersRequest.MostTeams} teams can be asked about at once")
            : TypedResults.Ok(await (
                from member in db.TeamMembers
                join account in db.Accounts on member.AccountId equals account.Id
                where request.TeamIds.Contains(member.TeamId) && account.DisabledAt == null
                orderby account.Name
                select new TeamMemberResponse(member.TeamId, account.Name, account.Email)).ToListAsync(cancellationToken));

    private static async Task<Organisation?> FindAsync(AuthDbContext db, string scope, CancellationToken cancellationToken) =>
        ScopeName.Parse(scope) is null ? null : await db.FindOrganisationAsync(scope, cancellationToken);

    private static async Task<string?> RoleAsync(AuthDbContext db, Organisation organisation, string? accountId, CancellationToken cancellationToken) =>
        (await db.RoleOfAsync(organisation.Id, accountId, cancellationToken))?.ToWord();
}
