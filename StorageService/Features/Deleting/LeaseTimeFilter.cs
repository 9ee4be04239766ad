using Registry.ServiceDefaults;
using Registry.StorageService.Blobs;

namespace Registry.StorageService.Features.Deleting;

/// <summary>Says that the time is missing or malformed, when it is not the digest; the framework's own 400 has no sentence.</summary>
internal sealed class LeaseTimeFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        (context.HttpContext.Response.StatusCode == StatusCodes.Status400BadRequest || !context.Arguments.OfType<LeaseTime>().Any())
        && BlobKey.TryParse(context.HttpContext.GetRouteValue("digest") as string, null, out _)
            ? RegistryProblem.Create(400, "invalid_time", "leasedBefore is a time as in ISO 8601, for example 2026-03-14T15:09:26Z")
            : await next(context);
}
