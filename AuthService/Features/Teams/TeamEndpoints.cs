using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.AuthService.Organisations;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.AuthService.Features.Teams;

/// <summary><c>npm team</c> (protocol 3.7). Lists are of texts for npm, which says <c>format=cli</c>, and of objects for pnpm, which does not.</summary>
internal static class TeamEndpoints
{
    public static void MapNpmTeams(this IEndpointRouteBuilder npm)
    {
        var teams = npm.MapGroup("/-/org/{scope}/team").RequireSignedIn();
        teams.MapMethods("", Methods.Read, ListAsync);
        teams.MapPut("", CreateAsync).WithSmallBody();

        var team = npm.MapGroup("/-/team/{scope}/{team}").RequireSignedIn();
        team.MapDelete("", DestroyAsync);
        team.MapMethods("/user", Methods.Read, ListMembersAsync);
        team.MapPut("/user", AddMemberAsync).WithSmallBody();
        team.MapDelete("/user", RemoveMemberAsync).WithSmallBody();
    }

    private static async Task<IResult> ListAsync(
        string scope, string? format, HttpContext context, OrganisationAccess access, AuthDbContext db, CancellationToken cancellationToken)
    {
        var (known, refusal) = await access.FindAsync(TargetPath.Unescape(scope), context.GetCaller(), cancellationToken);
        return known is null
            ? refusal!.ToProblem()
            : Names(
                context, format,
                await db.Teams.Where(t => t.OrganisationId == known.Organisation.Id).OrderBy(t => t.Name).Select(t => t.Name).ToListAsync(cancellationToken),
                name => $"{known.Organisation.Scope}:{name}");
    }

    private static async Task<IResult> CreateAsync(string scope, HttpContext context, ChangeTeams teams, CancellationToken cancellationToken)
    {
        if (await JsonBody.ReadAsync<TeamDocument>(context.Request, cancellationToken) is not { } document)
        {
            return AuthProblems.NotJson();
        }

        if (TeamName.Parse(document.Name) is not { } name)
        {
            return AuthProblems.Invalid(TeamName.Rule);
        }

        if (document.Description is { } text && (text.Length > Team.MaxDescriptionLength || text.Contains('\0', StringComparison.Ordinal)))
        {
            return AuthProblems.Invalid($"A team's description has at most {Team.MaxDescriptionLength} characters");
        }

        var team = new NamedTeam(TargetPath.Unescape(scope), name, context.GetCaller());
        return Answer(await teams.CreateAsync(team, document.Description, cancellationToken), StatusCodes.Status201Created);
    }

    private static async Task<IResult> DestroyAsync(string scope, string team, HttpContext context, ChangeTeams teams, CancellationToken cancellationToken) =>
        TeamIn(context, scope, team, out var problem) is { } named ? Answer(await teams.DestroyAsync(named, cancellationToken)) : problem;

    private static async Task<IResult> ListMembersAsync(
        string scope, string team, string? format, HttpContext context, OrganisationAccess access, AuthDbContext db, CancellationToken cancellationToken)
    {
        if (TeamIn(context, scope, team, out var problem) is not { } named)
        {
            return problem;
        }

        var (known, refusal) = await access.FindAsync(named.Scope, named.Caller, cancellationToken);
        return known is null ? refusal!.ToProblem()
            : await db.FindTeamAsync(known.Organisation.Id, named.Name.Value, cancellationToken) is not { } row ? problem
            : Names(context, format, await db.MembersOf(row.Id).Select(a => a.Name).ToListAsync(cancellationToken), static name => name);
    }

    private static async Task<IResult> AddMemberAsync(string scope, string team, HttpContext context, ChangeTeams teams, CancellationToken cancellationToken) =>
        await ReadUserAsync(context, cancellationToken) is not { } user ? NotAUser()
        : TeamIn(context, scope, team, out var problem) is { } named
            ? Answer(await teams.AddMemberAsync(named, user, cancellationToken), StatusCodes.Status201Created)
        : problem;

    private static async Task<IResult> RemoveMemberAsync(string scope, string team, HttpContext context, ChangeTeams teams, CancellationToken cancellationToken) =>
        await ReadUserAsync(context, cancellationToken) is not { } user ? NotAUser()
        : TeamIn(context, scope, team, out var problem) is { } named ? Answer(await teams.RemoveMemberAsync(named, user, cancellationToken))
        : problem;

    private static async Task<AccountName?> ReadUserAsync(HttpContext context, CancellationToken cancellationToken) =>
        AccountName.Parse((await JsonBody.ReadAsync<MemberDocument>(context.Request, cancellationToken))?.User);

    private static ProblemHttpResult NotAUser() => AuthProblems.Invalid("The body must be JSON whose member user is the name of an account");

    /// <summary>What no team can be called is like a team that is not there; the problem says which.</summary>
    private static NamedTeam? TeamIn(HttpContext context, string scope, string team, out ProblemHttpResult problem)
    {
        problem = Refusal.TeamNotFound(scope, team).ToProblem();
        return TeamName.Parse(TargetPath.Unescape(team)) is { } name ? new NamedTeam(TargetPath.Unescape(scope), name, context.GetCaller()) : null;
    }

    private static IResult Names(HttpContext context, string? format, List<string> names, Func<string, string> text)
    {
        context.Response.Headers.CacheControl = "no-store";
        return format == "cli"
            ? TypedResults.Ok(names.ConvertAll(name => text(name)))
            : TypedResults.Ok(names.ConvertAll(name => new NameDocument(name)));
    }

    /// <summary>An empty object, never an empty body: npm 6 to 8 read it as JSON (protocol 1.5).</summary>
    private static IResult Answer(OrganisationOutcome outcome, int status = StatusCodes.Status200OK) =>
        outcome is OrganisationOutcome.Refused(var refusal) ? refusal.ToProblem() : TypedResults.Json(new Dictionary<string, string>(), statusCode: status);

    internal sealed record TeamDocument(string? Name, string? Description);

    internal sealed record MemberDocument(string? User);

    internal sealed record NameDocument(string Name);
}
