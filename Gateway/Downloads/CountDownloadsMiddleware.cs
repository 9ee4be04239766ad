using Registry.Gateway.Mounts;

using Yarp.ReverseProxy.Forwarder;

namespace Registry.Gateway.Downloads;

/// <summary>
/// Counts tarballs that were sent as a whole, from memory or through: no part, no 304, nothing that broke off. A client that was sent
/// to the store itself counts, since nobody here sees whether it went.
/// </summary>
internal sealed class CountDownloadsMiddleware(RequestDelegate next, DownloadCounts counts)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (GatewayRequest.Of(context).Download is { } download && IsWhole(context))
        {
            counts.Add(download);
        }
    }

    private static bool IsWhole(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method)
        && (context.Response.StatusCode == StatusCodes.Status200OK
            || (context.Response.StatusCode == StatusCodes.Status302Found && context.Request.Headers.Range.Count == 0))
        && context.Features.Get<IForwarderErrorFeature>() is null
        && !context.RequestAborted.IsCancellationRequested;
}
