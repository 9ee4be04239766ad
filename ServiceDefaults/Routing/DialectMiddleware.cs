using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

using Registry.Contracts.Http;

namespace Registry.ServiceDefaults.Routing;

/// <summary>
/// Puts the mount's dialect in front of the path (<c>/npm/lodash</c>, <c>/pantry/packages/lodash</c>) so that a service
/// maps each dialect as a route group, and a request can only ever reach the dialect its mount speaks.
/// </summary>
internal sealed class DialectMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<Assertion>() is not { Kind: AssertionKind.User, Mount: { } mount })
        {
            return next(context);
        }

        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (TargetPath.Normalise(rawTarget) is not { } path)
        {
            return RegistryProblem.WriteAsync(context, 400, "invalid_path", "The path is not valid: an escape in it is malformed");
        }

        context.Request.Path = new PathString($"/{mount.Dialect}{path}");
        return next(context);
    }
}
