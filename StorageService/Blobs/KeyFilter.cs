using Registry.ServiceDefaults;

namespace Registry.StorageService.Blobs;

/// <summary>Says what is wrong with a digest that could not be read, or is there without a value; the framework's own 400 has no sentence.</summary>
internal sealed class KeyFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Response.StatusCode == StatusCodes.Status400BadRequest
        || (context.HttpContext.Request.Query.ContainsKey("expected") && !context.Arguments.OfType<BlobKey>().Any())
            ? RegistryProblem.Create(400, "invalid_digest", "A digest is written sha256: and 64 lower-case hexadecimal digits")
            : await next(context);
}
