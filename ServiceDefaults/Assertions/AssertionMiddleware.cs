using Microsoft.AspNetCore.Http;

using Registry.Contracts.Http;

namespace Registry.ServiceDefaults.Assertions;

/// <summary>
/// Checks the assertion when a request's headers arrive, so that an upload longer than its lifetime still counts, and
/// makes it available as a feature. A text that does not hold is treated as if there were none.
/// </summary>
internal sealed class AssertionMiddleware(RequestDelegate next, AssertionCodec codec, ServiceIdentity service)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Headers[InternalHeaders.Assertion] is [{ Length: > 0 and < 32 * 1024 } text]
            && codec.Verify(text, service.Name) is { } assertion)
        {
            context.Features.Set(assertion);
        }

        return next(context);
    }
}
