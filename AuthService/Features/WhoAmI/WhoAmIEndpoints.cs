using Microsoft.AspNetCore.Http.HttpResults;

using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.AuthService.Features.WhoAmI;

/// <summary>Who the credential belongs to: <c>npm whoami</c> (protocol 3.1), and the same for our own interface.</summary>
internal static class WhoAmIEndpoints
{
    public static void MapNpmWhoAmI(this IEndpointRouteBuilder npm) => npm.MapMethods("/-/whoami", Methods.Read, GetUsername).RequireSignedIn();

    public static void MapNativeWhoAmI(this IEndpointRouteBuilder api) => api.MapGet("/whoami", GetAccount).RequireSignedIn();

    private static Ok<UsernameDocument> GetUsername(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store"; // npm revalidates; another account must never get this answer
        return TypedResults.Ok(new UsernameDocument(context.GetCaller().UserName!));
    }

    private static Ok<AccountDocument> GetAccount(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var caller = context.GetCaller();
        return TypedResults.Ok(new AccountDocument(caller.UserName!, caller.Email, caller.IsAdministrator));
    }

    internal sealed record UsernameDocument(string Username);

    internal sealed record AccountDocument(string Name, string? Email, bool IsAdministrator);
}
