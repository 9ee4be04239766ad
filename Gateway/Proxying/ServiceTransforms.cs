using Registry.Contracts.Http;
using Registry.Gateway.Blobs;
using Registry.Gateway.Caching;
using Registry.Gateway.Credentials;
using Registry.Gateway.Downloads;
using Registry.Gateway.Mounts;

using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Registry.Gateway.Proxying;

/// <summary>
/// What the Gateway changes on the way to a service and back. To it: the raw target, who is asking, and nothing that a
/// client could pass off as ours. From it: nothing that is only for the Gateway.
/// </summary>
internal sealed class ServiceTransforms(
    GatewayLayout layout, UserAssertions assertions, Introspections introspections, AnswerMemory memory, SecondFactorPages pages) : ITransformProvider
{
    // An upload that will be refused (no right to publish, too large) is answered before it is sent.
    private const long AskFirstAbove = 256 * 1024;

    // What accounts take is small: a body beyond it is refused unread, and that answer would be lost behind what was still being sent.
    private const long AskAccountsFirstAbove = 8 * 1024;

    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static readonly string[] NeverForwarded =
    [
        "Authorization", "Cookie", "Proxy-Authorization",
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Real-IP",
    ];

    private readonly string[] _dropped = [.. NeverForwarded, .. layout.CredentialHeaders];

    public void ValidateRoute(TransformRouteValidationContext context)
    {
        // Routes are made in code and carry no transforms of their own.
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
        // As above.
    }

    public void Apply(TransformBuilderContext context)
    {
        context.UseDefaultForwarders = false;
        context.AddRequestTransform(ToService);
        context.AddResponseTransform(FromServiceAsync);
    }

    private ValueTask ToService(RequestTransformContext context)
    {
        var request = GatewayRequest.Of(context.HttpContext);
        var headers = context.ProxyRequest.Headers;
        foreach (var name in _dropped)
        {
            headers.Remove(name);
        }

        if (request.Service != ServiceNames.Auth)
        {
            headers.Remove(SecondFactorReader.Header); // checked already; logging in is AuthService's own to check
        }

        foreach (var name in context.HttpContext.Request.Headers.Keys.Where(IsInternal))
        {
            headers.Remove(name);
        }

        // Uri would decode and re-encode: %2f of a scoped name must arrive as it was sent.
        context.ProxyRequest.RequestUri = new Uri(context.DestinationPrefix.TrimEnd('/') + request.Target, Verbatim);
        headers.TryAddWithoutValidation(InternalHeaders.Assertion, assertions.For(request));
        headers.TryAddWithoutValidation("X-Forwarded-For", request.ClientAddress);
        var most = request.Service == ServiceNames.Auth ? AskAccountsFirstAbove : AskFirstAbove;
        if ((context.HttpContext.Request.ContentLength is not { } length || length > most) && context.ProxyRequest.Content is not null)
        {
            headers.ExpectContinue = true;
        }

        // One condition alone cannot be judged here, so the service does; it gives way to the other anyway (RFC 9110, 13.1.3).
        if (context.HttpContext.Features.Get<AnswerFill>() is { DropsConditions: true } && context.HttpContext.Request.Headers.IfNoneMatch.Count > 0)
        {
            headers.Remove("If-None-Match");
            headers.Remove("If-Modified-Since");
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask FromServiceAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse is not { } answer)
        {
            return;
        }

        memory.EvictChanged(answer);
        ForgetChangedAccount(context.HttpContext, answer);
        var headers = context.HttpContext.Response.Headers;
        foreach (var name in headers.Keys.Where(IsInternal).ToArray())
        {
            headers.Remove(name);
        }

        GatewayRequest.Of(context.HttpContext).Download = Download.In(answer);
        if (await pages.TakeAsync(context.HttpContext, answer, context.CancellationToken))
        {
            context.SuppressResponseBody = true;
        }
        else if (BlobReference.In(answer) is { } blob)
        {
            context.SuppressResponseBody = true;
            if (context.HttpContext.Features.Get<AnswerFill>()?.TakeHeaders(context.HttpContext, answer) != true)
            {
                context.HttpContext.Features.Set(blob);
            }
        }
        else if (context.HttpContext.Features.Get<AnswerFill>() is { } fill)
        {
            context.SuppressResponseBody = await fill.TakeAsync(context.HttpContext, answer, context.CancellationToken);
        }
    }

    /// <summary>Whoever changed their tokens, password or second factor sees that at once: the event comes a moment after the answer.</summary>
    private void ForgetChangedAccount(HttpContext context, HttpResponseMessage answer)
    {
        var request = GatewayRequest.Of(context);
        if (request is { Service: ServiceNames.Auth, Caller.UserId: { } user } && answer.IsSuccessStatusCode && !HttpMethods.IsGet(context.Request.Method))
        {
            introspections.EvictAccount(user);
        }
    }

    private static bool IsInternal(string header) => header.StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase);
}
