using System.Globalization;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.AuthService.WebSessions;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;

namespace Registry.AuthService.Features.WebLogin;

/// <summary>
/// Logging in with a browser (protocol 3.2): the client asks, somebody goes through a page, and the client, which polls meanwhile, gets an
/// access token once. The same page and polling serve a second factor that the Gateway asked for (protocol 5).
/// </summary>
internal static class WebLoginEndpoints
{
    private const int PollSeconds = 1;

    public static void MapWebLogin(this IEndpointRouteBuilder npm)
    {
        npm.MapPost("/-/v1/login", OpenAsync).WithSmallBody();
        npm.MapGet(OpenWebSession.DonePath + HiddenSecretContextFactory.Placeholder, PollAsync);
        npm.MapWebLoginPages();
    }

    private static async Task<Results<Ok<WebLoginDocument>, ProblemHttpResult>> OpenAsync(
        HttpContext context, OpenWebSession open, CancellationToken cancellationToken)
    {
        context.Response.Headers.Remove("npm-notice"); // an old credential in the client's configuration is what this is about
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.Headers["npm-auth-type"] != "web")
        {
            // npm 6 to 8 ask first whatever they are told, and would never ask for a password.
            return RegistryProblem.Create(404, "not_supported", "Logging in with a browser is for clients that say they can (npm-auth-type: web)");
        }

        var assertion = context.GetAssertion();
        var command = new WebSessionCommand(WebSessionKind.LogIn, assertion.ClientAddress, context.Request.Headers.UserAgent.ToString());
        var mount = context.GetMount();
        return await open.ExecuteAsync(command, cancellationToken) switch
        {
            OpenWebSessionOutcome.Opened(var page, var done) => TypedResults.Ok(new WebLoginDocument(mount.PublicUrl + page, mount.PublicUrl + done)),
            OpenWebSessionOutcome.Throttled(var wait) => AuthProblems.TooManyAttempts(context, wait),
            _ => AuthProblems.NotJson(),
        };
    }

    private static async Task<Results<Ok<TokenDocument>, JsonHttpResult<PendingDocument>, ProblemHttpResult>> PollAsync(
        HttpContext context, AuthDbContext db, CollectWebSession collect, TimeProvider clock, CancellationToken cancellationToken)
    {
        context.Response.Headers.Remove("npm-notice");
        context.Response.Headers.CacheControl = "no-store";
        var secret = context.Features.Get<PathSecret>()?.Value ?? "";
        var session = await db.FindUncollectedSessionAsync(secret, clock.GetUtcNow(), cancellationToken);
        if (session is { ApprovedAt: null })
        {
            context.Response.Headers.RetryAfter = PollSeconds.ToString(CultureInfo.InvariantCulture);
            return TypedResults.Json(new PendingDocument(), statusCode: StatusCodes.Status202Accepted);
        }

        return session is not null && await collect.ExecuteAsync(session, cancellationToken) is { } token
            ? TypedResults.Ok(new TokenDocument(token))
            : RegistryProblem.Create(404, "web_session_not_found", "There is nothing to wait for (any more): begin again");
    }

    internal sealed record WebLoginDocument(string LoginUrl, string DoneUrl);

    internal sealed record TokenDocument(string Token);

    internal sealed record PendingDocument;
}
