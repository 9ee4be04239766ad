using Registry.Gateway.Mounts;
using Registry.ServiceDefaults;

namespace Registry.Gateway.Proxying;

/// <summary>
/// Names the service that answers. The path the framework routes on becomes the service's name (or the health
/// endpoint): from here on it only selects a cluster, and what the client sent travels in the raw target.
/// </summary>
internal sealed class RouteMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = GatewayRequest.Of(context);
        if (request.IsHealth)
        {
            context.Request.Path = request.Target.Split('?')[0];
            return next(context);
        }

        if (Routes.ServiceFor(request.Mount.Dialect, request.Target) is not { } service)
        {
            return RegistryProblem.WriteAsync(context, 404, "not_found", "Nothing is served at this address");
        }

        request.Service = service;
        context.Request.Path = $"/{service}";
        return next(context);
    }
}
