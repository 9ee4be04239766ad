using Microsoft.AspNetCore.Http.Features;

using Registry.Contracts.Http;
using Registry.ServiceDefaults;

namespace Registry.Gateway.Mounts;

/// <summary>Decides which mount a request belongs to and refuses what no service should see.</summary>
internal sealed class MountMiddleware(RequestDelegate next, MountTable mounts, PublicUrls urls, TrustedProxies proxies)
{
    public Task InvokeAsync(HttpContext context)
    {
        var rawTarget = RawTarget.Of(context);
        if (RawTarget.Fault(rawTarget) is { } fault)
        {
            return RegistryProblem.WriteAsync(context, 400, "invalid_path", fault);
        }

        // HTTP/1.0 may leave Host out; anything that is there must be well-formed, whether it is used or not.
        var host = context.Request.Headers.Host.ToString() is { Length: > 0 } text ? HostName.Parse(text) : new HostName("", null);
        var listener = context.Features.GetRequiredFeature<Listener>();
        if (host is null)
        {
            return BadHostAsync(context);
        }

        if (mounts.Find(listener, host.Name, context.Request, rawTarget) is not { } match)
        {
            return RegistryProblem.WriteAsync(context, 404, "not_found", "Nothing is served at this address");
        }

        if (urls.Find(context, listener, match) is not { } url)
        {
            return BadHostAsync(context);
        }

        var mount = new MountContext(match.Mount.Name, match.Mount.Dialect, match.Repository, url.Url, url.IsCanonical, match.UsesUpstreams);
        new GatewayRequest(mount, match.Target, proxies.ClientAddress(context), IsHealth(context.Request, match)).PutOn(context);
        return next(context);
    }

    private static Task BadHostAsync(HttpContext context) =>
        RegistryProblem.WriteAsync(context, 400, "invalid_host", "The host name of this request is malformed");

    /// <summary>
    /// <c>/health</c> and <c>/alive</c> belong to the Gateway on every listener, and pantry has a <c>/health</c> of its
    /// own. An npm package of that name is found below a prefix, or by npm's fingerprint (K23).
    /// </summary>
    private static bool IsHealth(HttpRequest request, MountMatch match)
    {
        var end = match.Target.IndexOf('?', StringComparison.Ordinal);
        return match.Target.AsSpan(0, end < 0 ? match.Target.Length : end) is "/health" or "/alive"
            && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && (match.Mount.IsRoot || match.Mount.Dialect == Dialects.Pantry)
            && !(match.Mount.Dialect == Dialects.Npm && SharedRoot.HasNpmFingerprint(request.Headers));
    }
}
