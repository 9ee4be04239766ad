using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Registry.ServiceDefaults.Bodies;

/// <summary>Endpoint conventions for bodies.</summary>
public static class BodyConventions
{
    /// <summary>The endpoint bounds what it reads by itself, compressed or not.</summary>
    public static TBuilder WithLargeBody<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new DisableRequestSizeLimitAttribute());
}

/// <summary>
/// Every body may be gzip (npm protocol 1.3); endpoints see it inflated, bounded by the limit of the endpoint's own, else by 16 MiB. Another
/// encoding is 415.
/// </summary>
internal sealed class InflateMiddleware(RequestDelegate next)
{
    private const long MostBytes = 16 * 1024 * 1024;

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint() is not { } endpoint ? next(context)
        : context.Request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
        {
            "" or "identity" => next(context),
            "gzip" or "x-gzip" => InflateAsync(context, endpoint.Metadata.GetMetadata<IRequestSizeLimitMetadata>()),
            _ => RegistryProblem.WriteAsync(
                context, 415, "unsupported_content_encoding", "Unsupported content encoding: send the body plain or as gzip"),
        };

    private async Task InflateAsync(HttpContext context, IRequestSizeLimitMetadata? limit)
    {
        var request = context.Request;
        var sent = request.Body;
        await using var inflated = new InflatedBody(sent, limit is null ? MostBytes : limit.MaxRequestBodySize);
        request.Body = inflated;
        request.Headers.ContentEncoding = default;
        request.ContentLength = null;
        try
        {
            await next(context);
        }
        finally
        {
            request.Body = sent;
        }
    }
}
