using Registry.PackageService.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>npm access list packages</c> (npm protocol 3.7): npm asks for an organisation's first, and on 404 for a user's.</summary>
internal static class PackageListEndpoints
{
    public static void MapPackageLists(this IEndpointRouteBuilder npm)
    {
        npm.MapMethods("/-/org/{scope}/package", Methods.Read, ListOfOrganisationAsync).RequireSignedIn();
        npm.MapMethods("/-/user/{user}/package", Methods.Read, ListOfUserAsync).RequireSignedIn();
    }

    private static async Task<IResult> ListOfOrganisationAsync(
        string scope, HttpContext context, AuthClient auth, PackageLists lists, CancellationToken cancellationToken)
    {
        var caller = context.GetCaller();
        if (TeamRefusals.RefuseToken(caller, scope) is { } limited)
        {
            return limited.ToProblem();
        }

        var organisation = ScopeName.TryParse(scope, null, out var name) ? await auth.FindOrganisationAsync(name, caller.UserId, cancellationToken) : null;
        return organisation is null || (organisation.Role is null && !caller.IsAdministrator)
            ? TeamRefusals.OrganisationNotFound(scope).ToProblem()
            : Send(context, await lists.OfScopeAsync(
                context.GetMount().Repository, name!, caller, caller.IsAdministrator || organisation.Role is "owner" or "admin", cancellationToken));
    }

    private static async Task<IResult> ListOfUserAsync(
        string user, HttpContext context, AuthClient auth, PackageLists lists, CancellationToken cancellationToken)
    {
        var caller = context.GetCaller();
        var id = caller.UserName == user ? caller.UserId
            : PackageName.TryParse(user, out var name) && name.Scope is null ? (await auth.FindAccountAsync(user, cancellationToken))?.Id
            : null;
        return id is null
            ? RegistryProblem.Create(404, "account_not_found", $"There is no account named {user}")
            : Send(context, await lists.OfUserAsync(context.GetMount().Repository, id, caller, cancellationToken));
    }

    private static IResult Send(HttpContext context, List<ListedPackage> packages)
    {
        context.Response.Headers.CacheControl = "no-store";
        return PackageListAnswer.Of(packages);
    }
}

/// <summary>A list of packages as npm reads it.</summary>
internal static class PackageListAnswer
{
    public static IResult Of(List<ListedPackage> packages) =>
        TypedResults.Ok(packages.ToDictionary(package => package.Name, package => PermissionWord.Of(package.CanWrite), StringComparer.Ordinal));
}

/// <summary>Permissions as npm's maps spell them.</summary>
internal static class PermissionWord
{
    public static string Of(bool canWrite) => canWrite ? "write" : "read";
}
