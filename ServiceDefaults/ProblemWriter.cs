using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Registry.ServiceDefaults;

/// <summary>
/// Writes every problem as JSON, whatever <c>Accept</c> says: package managers ask for documents of their own, and still read errors. The
/// framework's writer would leave body and headers out.
/// </summary>
internal sealed class ProblemWriter(IOptions<ProblemDetailsOptions> options) : IProblemDetailsWriter
{
    /// <inheritdoc/>
    public bool CanWrite(ProblemDetailsContext context) => true;

    /// <inheritdoc/>
    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        TypedResults.Problem(context.ProblemDetails); // adds the title and type of its status
        options.Value.CustomizeProblemDetails?.Invoke(context);
        return new ValueTask(context.HttpContext.Response.WriteAsJsonAsync(
            context.ProblemDetails, typeof(ProblemDetails), options: null, "application/problem+json", context.HttpContext.RequestAborted));
    }
}
