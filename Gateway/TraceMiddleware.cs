using System.Diagnostics;

namespace Registry.Gateway;

/// <summary>
/// Begins the trace of a request, or goes on with the client's (W3C Trace Context, <c>traceparent</c>): its id is in logs and error bodies also where nobody
/// records spans. A read without <c>Authorization</c> begins none here, since memory answers most of them for less than a trace costs; any other begins one in its service.
/// </summary>
internal sealed class TraceMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        Activity.Current is not null || (HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Authorization.Count == 0)
            ? next(context)
            : TracedAsync(context);

    private async Task TracedAsync(HttpContext context)
    {
        using var activity = new Activity("Registry.Gateway.Request");
        if (ActivityContext.TryParse(context.Request.Headers.TraceParent, context.Request.Headers.TraceState, isRemote: true, out var parent))
        {
            activity.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
            activity.TraceStateString = parent.TraceState;
        }

        activity.Start();
        await next(context);
    }
}
