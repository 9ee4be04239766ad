using System.Globalization;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.Gateway.Mounts;
using Registry.ServiceDefaults;

namespace Registry.Gateway.Credentials;

/// <summary>
/// Turns the request's credential into a caller. Without a credential nobody is asked. A credential that cannot be
/// checked right now is 503: treating it as anonymous would tell its owner that his packages do not exist.
/// </summary>
internal sealed partial class CredentialMiddleware(
    RequestDelegate next, CredentialReader reader, Introspections introspections, SecondFactorReader secondFactors, ILogger<CredentialMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = GatewayRequest.Of(context);
        if (request.IsHealth || IsLogIn(context.Request))
        {
            return next(context);
        }

        var reading = reader.Read(context.Request.Headers);
        switch (reading.Form)
        {
            case CredentialForm.None:
                return next(context);
            case CredentialForm.Unreadable:
                request.Caller = Caller.Rejected;
                return next(context);
            case CredentialForm.TooLong:
                return RegistryProblem.WriteAsync(context, 400, "credential_too_long", "The credential is longer than any this registry gives out");
            case CredentialForm.Ambiguous:
                return RegistryProblem.WriteAsync(context, 400, "credential_ambiguous", "The request carries more than one credential");
            default:
                return ResolveAsync(context, request, reading);
        }
    }

    private async Task ResolveAsync(HttpContext context, GatewayRequest request, CredentialReading reading)
    {
        IntrospectResponse answer;
        try
        {
            answer = await introspections.ResolveAsync(
                new IntrospectRequest(reading.Secret, reading.UserName, request.ClientAddress), context.RequestAborted);
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or TimeoutException)
        {
            LogUnreachable(unreachable);
            await RegistryProblem.WriteAsync(context, 503, "auth_unavailable", "Your credentials cannot be checked right now; try again in a moment");
            return;
        }

        if (answer.RetryAfterSeconds is { } seconds && !IsServedWithoutCredential(context.Request))
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            await RegistryProblem.WriteAsync(context, 429, "too_many_attempts", $"Too many failed attempts to log in; try again in {seconds} seconds");
            return;
        }

        if (await JudgeAsync(context, request, answer.Caller))
        {
            await next(context);
        }
    }

    /// <summary>Adds the second factor to the caller; false when the request has been answered.</summary>
    private async Task<bool> JudgeAsync(HttpContext context, GatewayRequest request, Caller caller)
    {
        try
        {
            (request.Caller, var wait) = await secondFactors.JudgeAsync(context.Request, request, caller);
            if (wait is not { } seconds)
            {
                return true;
            }

            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            await RegistryProblem.WriteAsync(context, 429, "too_many_attempts", $"Too many one-time passwords were wrong; try again in {seconds} seconds");
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or TimeoutException)
        {
            LogUnreachable(unreachable);
            await RegistryProblem.WriteAsync(context, 503, "auth_unavailable", "Your credentials cannot be checked right now; try again in a moment");
        }

        return false;
    }

    /// <summary>
    /// Whatever credential came along with a log-in is not looked at, and neither is its second factor (npm protocol 3.2): the code in the request is
    /// that of the account that logs in, which AuthService checks, and it is good for one thing only.
    /// </summary>
    private static bool IsLogIn(HttpRequest request) =>
        HttpMethods.IsPut(request.Method) && request.Path.Value?.Contains("/-/user/org.couchdb.user:", StringComparison.Ordinal) == true;

    /// <summary>
    /// An old password in a client's configuration must not break reads of what anyone may read (npm protocol 3.3): there the credential, which
    /// was not even looked at, counts as refused.
    /// </summary>
    private static bool IsServedWithoutCredential(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    [LoggerMessage(Level = LogLevel.Warning, Message = "AuthService cannot be asked about a credential.")]
    private partial void LogUnreachable(Exception exception);
}
