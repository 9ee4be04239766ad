using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Features.Starring;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>Stars as npm lists them and as pnpm 11 gives them (npm protocol 3.13); npm gives them by <c>PUT /{name}</c>.</summary>
internal static class StarEndpoints
{
    public static void MapStars(this IEndpointRouteBuilder npm)
    {
        npm.MapMethods("/-/_view/starredByUser", Methods.Read, ViewAsync);
        npm.MapMethods("/-/user/{user}/stars", Methods.Read, ListAsync);
        npm.MapMethods("/-/util/user/{user}/stars", Methods.Read, ListAsync);

        npm.MapMethods("/-/user/v1/star", Methods.Read, ListOwnAsync).RequireSignedIn();
        npm.MapPut("/-/user/v1/star", (HttpContext context, StarPackage star, CancellationToken token) => StarAsync(context, star, true, token))
            .RequireSignedIn().WithoutSecondFactor();
        npm.MapDelete("/-/user/v1/star", (HttpContext context, StarPackage star, CancellationToken token) => StarAsync(context, star, false, token))
            .RequireSignedIn().WithoutSecondFactor();

        var one = npm.MapGroup("/-/user/package/{name}/star").RequireSignedIn().WithoutSecondFactor();
        one.MapPut("", (PackageName name, HttpContext context, StarPackage star, CancellationToken token) => StarAsync(name, context, (star, true), token));
        one.MapDelete("", (PackageName name, HttpContext context, StarPackage star, CancellationToken token) => StarAsync(name, context, (star, false), token));
    }

    private static async Task<IResult> ViewAsync(HttpContext context, StarredPackages stars, CancellationToken cancellationToken) =>
        UserIn(context.Request.Query["key"]) is { } user
            ? Send(context, new ViewDocument([.. (await OfAsync(context, stars, user, cancellationToken)).Select(name => new RowDocument(name))]))
            : RegistryProblem.Create(400, "invalid_request", "The parameter 'key' must be a user's name as a JSON string, as in ?key=\"ada\"");

    private static async Task<IResult> ListAsync(string user, HttpContext context, StarredPackages stars, CancellationToken cancellationToken) =>
        Send(context, await OfAsync(context, stars, TargetPath.Unescape(user), cancellationToken));

    private static async Task<IResult> ListOwnAsync(HttpContext context, StarredPackages stars, CancellationToken cancellationToken) =>
        Send(context, await OfAsync(context, stars, context.GetCaller().UserName!, cancellationToken));

    private static async Task<IResult> StarAsync(HttpContext context, StarPackage star, bool isStarred, CancellationToken cancellationToken) =>
        await SmallJson.ReadAsync<StarDocument>(context.Request, cancellationToken) is { } document
            && PackageName.TryParse(document.Package ?? document.Name, out var name)
            ? await StarAsync(name, context, (star, isStarred), cancellationToken)
            : RegistryProblem.Create(400, "invalid_request", "The body must name the package, as in {\"package\":\"left-pad\"}");

    private static async Task<IResult> StarAsync(
        PackageName name, HttpContext context, (StarPackage Star, bool IsStarred) wanted, CancellationToken cancellationToken) =>
        WriteAnswer.Of(context, name, await wanted.Star.ExecuteAsync(context.TargetOf(name), wanted.IsStarred, cancellationToken));

    private static Task<IReadOnlyList<string>> OfAsync(HttpContext context, StarredPackages stars, string user, CancellationToken cancellationToken) =>
        stars.ExecuteAsync(context.GetMount().Repository, user, context.GetCaller(), cancellationToken);

    /// <summary>Everyone sees what he may read.</summary>
    private static Ok<T> Send<T>(HttpContext context, T document)
    {
        context.Response.Headers.CacheControl = Conditional.Revalidated(isPublic: false);
        return TypedResults.Ok(document);
    }

    private static string? UserIn(string? key)
    {
        try
        {
            return key is null ? null : JsonSerializer.Deserialize<string>(key);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record StarDocument(string? Name, string? Package);

    private sealed record ViewDocument(IReadOnlyList<RowDocument> Rows);

    private sealed record RowDocument(string Value);
}
