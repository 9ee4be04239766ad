using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Registry.ServiceDefaults.Bodies;

/// <summary>
/// The server closes a connection whose request had more body than was allowed, and does not say so: whoever keeps connections would send the next
/// request on it, lose that, and if it is a write could not repeat it. So it is said (RFC 9112, 9.6).
/// </summary>
internal static class RefusedBodies
{
    /// <summary>Says <c>Connection: close</c> with every answer to a request whose body is too large.</summary>
    public static void UseRefusedBodies(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            context.Response.OnStarting(Say, context);
        }

        return next(context);
    });

    private static Task Say(object state)
    {
        var context = (HttpContext)state;
        if (context.Response.StatusCode == StatusCodes.Status413PayloadTooLarge
            || (context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize is { } most && context.Request.ContentLength > most))
        {
            context.Response.Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }
}
