using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;

namespace Registry.AuthService.Features.LoggingOut;

/// <summary><c>npm logout</c> (protocol 3.2): ends the access token that the path names, which must be the caller's own.</summary>
internal static class LogoutEndpoint
{
    public static void MapLogout(this IEndpointRouteBuilder npm) =>
        npm.MapDelete("/-/user/token/" + HiddenSecretContextFactory.Placeholder, LogOutAsync).RequireSignedIn().WithReadOnlyTokens().WithoutSecondFactor(); // npm logout cannot ask for a code

    private static async Task<Results<Ok<LoggedOutDocument>, ProblemHttpResult>> LogOutAsync(
        HttpContext context, AuthDbContext db, AccessTokens tokens, CancellationToken cancellationToken)
    {
        var hash = TokenSecret.Hash(context.Features.Get<PathSecret>()?.Value ?? "");
        var account = context.GetCaller().UserId;
        var token = await db.AccessTokens.SingleOrDefaultAsync(
            t => t.Hash == hash && t.AccountId == account && t.RevokedAt == null, cancellationToken);
        if (token is null)
        {
            return RegistryProblem.Create(404, "token_not_found", "This is not an access token of yours");
        }

        await tokens.RevokeAsync(token, cancellationToken);
        return TypedResults.Ok(new LoggedOutDocument(true));
    }

    internal sealed record LoggedOutDocument(bool Ok);
}
