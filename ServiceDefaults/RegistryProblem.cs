using System.Diagnostics;
using System.Globalization;

using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Registry.ServiceDefaults;

/// <summary>
/// The one error body: an RFC 9457 problem with two more members, <c>error</c> (the sentence package managers print) and
/// <c>code</c> (a stable snake_case word, listed in docs/protocol.md).
/// </summary>
public static class RegistryProblem
{
    /// <summary>Makes an error answer.</summary>
    /// <param name="status">HTTP status, 400 to 599.</param>
    /// <param name="code">Stable snake_case word for programs.</param>
    /// <param name="message">One sentence for people, without secrets.</param>
    public static ProblemHttpResult Create(int status, string code, string message) =>
        TypedResults.Problem(
            detail: message,
            statusCode: status,
            extensions: new Dictionary<string, object?> { ["error"] = message, ["code"] = code });

    /// <summary>Writes an error answer, for middleware.</summary>
    public static Task WriteAsync(HttpContext context, int status, string code, string message) =>
        Create(status, code, message).ExecuteAsync(context);

    /// <summary>Makes problems of the framework (no route, wrong method, unreadable body, unhandled exception) carry the same members.</summary>
    internal static IServiceCollection AddRegistryProblems(this IServiceCollection services) =>
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>() // before the framework's
            .AddProblemDetails(options => options.CustomizeProblemDetails = context => Complete(context.HttpContext, context.ProblemDetails));

    internal static int StatusOf(Exception exception) =>
        exception switch
        {
            BadHttpRequestException bad => bad.StatusCode,
            TimeoutException or HttpRequestException => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };

    private static void Complete(HttpContext context, ProblemDetails problem)
    {
        var status = problem.Status ?? context.Response.StatusCode;
        problem.Extensions.TryAdd("code", DefaultCode(status));
        problem.Extensions.TryAdd("error", Sentence(context, problem, status));
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
        if (problem.Extensions["code"] is "second_factor_required" or "second_factor_refused")
        {
            context.Response.Headers.WWWAuthenticate = "OTP"; // npm and berry ask for a code because of it (protocol 5)
        }

        problem.Detail ??= (string?)problem.Extensions["error"];
        if (status == StatusCodes.Status503ServiceUnavailable && !context.Response.Headers.ContainsKey("Retry-After"))
        {
            context.Response.Headers.RetryAfter = "2";
        }
    }

    private static string Sentence(HttpContext context, ProblemDetails problem, int status) =>
        status switch
        {
            // The framework's own text may quote what was sent; an exception's text may quote anything.
            _ when context.Features.Get<IExceptionHandlerFeature>() is { Error: BadHttpRequestException bad } => bad.Message,
            StatusCodes.Status404NotFound => "Not found",
            StatusCodes.Status405MethodNotAllowed => "This method is not allowed here",
            StatusCodes.Status503ServiceUnavailable => "A part of the registry is not reachable right now; try again in a moment",
            >= 500 => "Something went wrong inside the registry; the trace id helps to find out what",
            _ => problem.Detail ?? problem.Title ?? ReasonPhrases.GetReasonPhrase(status),
        };

    private static string DefaultCode(int status) =>
        ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase
            ? phrase.ToLowerInvariant().Replace(' ', '_').Replace('-', '_').Replace("'", "", StringComparison.Ordinal)
            : string.Create(CultureInfo.InvariantCulture, $"status_{status}");
}
