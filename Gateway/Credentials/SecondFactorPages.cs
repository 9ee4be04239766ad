using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Gateway.Mounts;

namespace Registry.Gateway.Credentials;

/// <summary>
/// Adds to a service's demand for a second factor where it can be given in a browser, for clients that can wait for that (npm protocol 5:
/// <c>npm-auth-type: web</c>). Services need not know of it.
/// </summary>
internal sealed partial class SecondFactorPages(AuthClient auth, ILogger<SecondFactorPages> logger)
{
    private const long MaxProblemBytes = 16 * 1024;

    /// <summary>Looks at a service's answer when its headers are on the response.</summary>
    /// <returns>True when the body has been written.</returns>
    public async ValueTask<bool> TakeAsync(HttpContext context, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var request = GatewayRequest.Of(context);
        if (answer.StatusCode != HttpStatusCode.Unauthorized
            || context.Response.Headers.WWWAuthenticate != "OTP"
            || context.Request.Headers["npm-auth-type"] != "web"
            || request is not { Caller: { SecondFactor: not null, UserId: { } user }, Mount.Dialect: Dialects.Npm }
            || answer.Content.Headers.ContentLength > MaxProblemBytes
            || await OpenAsync(context, user) is not { PagePath: { } page, DonePath: { } done }
            || await ReadAsync(answer, cancellationToken) is not { } problem)
        {
            return false;
        }

        problem["authUrl"] = request.Mount.PublicUrl + page;
        problem["doneUrl"] = request.Mount.PublicUrl + done;
        var body = JsonSerializer.SerializeToUtf8Bytes(problem);
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, cancellationToken);
        return true;
    }

    private static async Task<JsonObject?> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonNode.ParseAsync(body, cancellationToken: cancellationToken) as JsonObject;
    }

    private async Task<SecondFactorPageResponse?> OpenAsync(HttpContext context, string user)
    {
        try
        {
            var client = context.Request.Headers.UserAgent.ToString();
            return await auth.OpenSecondFactorPageAsync(new SecondFactorPageRequest(user, GatewayRequest.Of(context).ClientAddress, client));
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or TimeoutException)
        {
            LogUnreachable(unreachable); // the client asks for six digits instead
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "AuthService cannot be asked for a page to give a second factor on.")]
    private partial void LogUnreachable(Exception exception);
}
