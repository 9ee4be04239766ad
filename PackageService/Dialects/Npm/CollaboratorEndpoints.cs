using Registry.PackageService.Data;
using Registry.PackageService.Features.Collaborators;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>
/// <c>npm access list collaborators</c> (npm protocol 3.7): the maintainers, who stand in every packument, and for those whom the package was
/// given to also the members of its teams. npm reads a map, pnpm under the same URL an array: only the user agent tells them apart.
/// </summary>
internal static class CollaboratorEndpoints
{
    public static void MapCollaborators(this IEndpointRouteBuilder npm) =>
        npm.MapMethods("/-/package/{name}/collaborators", Methods.Read, ListAsync);

    private static async Task<IResult> ListAsync(
        PackageName name, HttpContext context, PackageAccess access, ListCollaborators collaborators, CancellationToken cancellationToken)
    {
        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return ProblemResults.PackageNotFound();
        }

        context.Response.Headers.CacheControl = "no-store";
        var all = await collaborators.ExecuteAsync(
            found.Package, withTeams: Rights.IsCollaborator(found.Package, found.Permission, context.GetCaller()), cancellationToken);
        var query = context.Request.Query;
        var listed = query["user"].ToString() is { Length: > 0 } user ? [.. all.Where(one => one.User == user)] : all;
        return query["format"] == "cli" && context.Request.Headers.UserAgent.ToString().StartsWith("pnpm/", StringComparison.Ordinal)
            ? TypedResults.Ok(listed.Select(one => new CollaboratorDocument(one.User, one.Email ?? "", one.CanWrite ? "read-write" : "read-only")))
            : TypedResults.Ok(listed.ToDictionary(one => one.User, one => PermissionWord.Of(one.CanWrite), StringComparer.Ordinal));
    }

    private sealed record CollaboratorDocument(string User, string Email, string Permissions);
}
