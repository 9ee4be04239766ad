using Registry.ServiceDefaults;

namespace Registry.StorageService.Blobs;

/// <summary>Says what is wrong with a digest that could not be read; the framework's own 400 has no sentence.</summary>
internal sealed class KeyFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Response.StatusCode == StatusCodes.Status400BadRequest
            ? RegistryProblem.Create(400, "invalid_digest", "A digest is written sha256: and 64 lower-case hexadecimal digits")
            : await next(context);
}
