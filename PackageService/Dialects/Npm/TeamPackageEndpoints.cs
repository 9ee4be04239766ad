using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Features.Grants;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>npm access grant</c>, <c>revoke</c> and <c>list packages SCOPE:TEAM</c> (npm protocol 3.7).</summary>
internal static class TeamPackageEndpoints
{
    public static void MapTeamPackages(this IEndpointRouteBuilder npm)
    {
        var packages = npm.MapGroup("/-/team/{scope}/{team}/package").RequireSignedIn();
        packages.MapMethods("", Methods.Read, ListAsync);
        packages.MapPut("", GiveAsync);
        packages.MapDelete("", TakeAsync);
    }

    private static async Task<IResult> ListAsync(
        string scope, string team, HttpContext context, AuthClient auth, PackageLists lists, CancellationToken cancellationToken)
    {
        var caller = context.GetCaller();
        if (TeamRefusals.RefuseToken(caller, scope) is { } limited)
        {
            return limited.ToProblem();
        }

        var found = TeamName.Parse(scope, team) is { } name ? await auth.FindTeamAsync(name, caller.UserId, cancellationToken) : null;
        if (found is null || (found.Role is null && !caller.IsAdministrator))
        {
            return TeamRefusals.NotFound(scope, team).ToProblem();
        }

        context.Response.Headers.CacheControl = "no-store";
        var seesAll = caller.IsAdministrator || found.Role is "owner" or "admin";
        return PackageListAnswer.Of(await lists.OfTeamAsync(context.GetMount().Repository, found.Team.Id, caller, seesAll, cancellationToken));
    }

    private static async Task<IResult> GiveAsync(string scope, string team, HttpContext context, ChangeGrant change, CancellationToken cancellationToken)
    {
        if (await SmallJson.ReadAsync<GrantDocument>(context.Request, cancellationToken) is not { Permissions: "read-only" or "read-write" } document)
        {
            return RegistryProblem.Create(400, "invalid_request", "The body must be JSON whose member permissions is read-only or read-write");
        }

        return TargetIn(context, (scope, team), document, out var problem) is { } target
            ? Answer(context, target, await change.ExecuteAsync(target, document.Permissions == "read-write", cancellationToken))
            : problem;
    }

    private static async Task<IResult> TakeAsync(string scope, string team, HttpContext context, ChangeGrant change, CancellationToken cancellationToken) =>
        TargetIn(context, (scope, team), await SmallJson.ReadAsync<GrantDocument>(context.Request, cancellationToken), out var problem) is { } target
            ? Answer(context, target, await change.ExecuteAsync(target, null, cancellationToken))
            : problem;

    private static TeamPackage? TargetIn(HttpContext context, (string Scope, string Name) team, GrantDocument? document, out ProblemHttpResult problem)
    {
        problem = RegistryProblem.Create(400, "invalid_name", "The body must be JSON whose member package is the name of a package");
        if (document is null || !PackageName.TryParse(document.Package, out var package))
        {
            return null;
        }

        problem = TeamRefusals.NotFound(team.Scope, team.Name).ToProblem();
        return TeamName.Parse(team.Scope, team.Name) is { } name
            ? new TeamPackage(context.GetMount().Repository, package, name, context.GetCaller())
            : null;
    }

    private static IResult Answer(HttpContext context, TeamPackage target, ChangeGrantOutcome outcome)
    {
        if (outcome is ChangeGrantOutcome.Refused(var refusal))
        {
            return refusal.ToProblem();
        }

        context.MarkChanged(target.Package);
        return TypedResults.Ok(new Dictionary<string, string>()); // never an empty body: npm 6 to 8 read it as JSON
    }

    private sealed record GrantDocument(string? Package, string? Permissions);
}
