using Registry.PackageService.Data;
using Registry.PackageService.Features.Maintaining;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>/-/package/{name}/owners</c>: the maintainers, as pnpm 11 changes them (npm protocol 3.7).</summary>
internal static class OwnerEndpoints
{
    public static void MapOwners(this IEndpointRouteBuilder npm)
    {
        var owners = npm.MapGroup("/-/package/{name}/owners");
        owners.MapMethods("", Methods.Read, ListAsync);
        owners.MapPut("", AddAsync).RequireSignedIn();
        owners.MapDelete("/{user}", RemoveAsync).RequireSignedIn();
    }

    private static async Task<IResult> ListAsync(
        PackageName name, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return ProblemResults.PackageNotFound();
        }

        var maintainers = await db.MaintainersOfAsync(found.Package.Id, cancellationToken);
        context.Response.Headers.CacheControl = Conditional.Revalidated(found.IsPublic);
        return TypedResults.Ok(maintainers.Select(one => new OwnerDocument(one.Name, one.Email ?? "")));
    }

    private static async Task<IResult> AddAsync(
        PackageName name, HttpContext context, ChangeMaintainers maintainers, CancellationToken cancellationToken) =>
        await SmallJson.ReadAsync<UserDocument>(context.Request, cancellationToken) is { User: { Length: > 0 } user }
            ? WriteAnswer.Of(context, name, await maintainers.AddAsync(context.TargetOf(name), user, cancellationToken))
            : RegistryProblem.Create(400, "invalid_request", "The body must name the account, as in {\"user\":\"ada\"}");

    private static async Task<IResult> RemoveAsync(
        PackageName name, string user, HttpContext context, ChangeMaintainers maintainers, CancellationToken cancellationToken) =>
        WriteAnswer.Of(context, name, await maintainers.RemoveAsync(context.TargetOf(name), TargetPath.Unescape(user), cancellationToken));

    private sealed record OwnerDocument(string Username, string Email);

    private sealed record UserDocument(string? User);
}
