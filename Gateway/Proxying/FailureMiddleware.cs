using Registry.ServiceDefaults;

using Yarp.ReverseProxy.Forwarder;

namespace Registry.Gateway.Proxying;

/// <summary>
/// Says in the common error body what kept a request from its service. Once an answer has begun nothing can be said any
/// more: then the connection has been cut, which a client can tell from a complete answer.
/// </summary>
internal sealed class FailureMiddleware(RequestDelegate next)
{
    private const string RetryAfterSeconds = "2";

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (context.GetForwarderErrorFeature() is not { } failure || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        var status = context.Response.StatusCode;
        context.Response.Clear();
        if (status is >= 400 and < 500)
        {
            await RegistryProblem.WriteAsync(context, status, "invalid_body", "The body of the request could not be read to its end");
            return;
        }

        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        await (failure.Error switch
        {
            ForwarderError.NoAvailableDestinations => UnavailableAsync(context),
            ForwarderError.Request when failure.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } => UnavailableAsync(context),
            ForwarderError.RequestTimedOut or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled =>
                RegistryProblem.WriteAsync(context, 504, "service_timeout", "A part of the registry did not answer in time; try again in a moment"),
            _ => RegistryProblem.WriteAsync(context, 502, "service_failed", "A part of the registry broke off while answering; try again in a moment"),
        });
    }

    public static Task UnavailableAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return RegistryProblem.WriteAsync(context, 503, "service_unavailable", "A part of the registry is not reachable right now; try again in a moment");
    }
}
