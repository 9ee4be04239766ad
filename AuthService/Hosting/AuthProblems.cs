using System.Globalization;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.AuthService.Organisations;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Hosting;

/// <summary>Refusals that several routes share.</summary>
internal static class AuthProblems
{
    /// <summary>429 with <c>Retry-After</c>.</summary>
    public static ProblemHttpResult TooManyAttempts(HttpContext context, TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return RegistryProblem.Create(
            429, "too_many_attempts", string.Create(CultureInfo.InvariantCulture, $"Too many attempts from your address: try again in {seconds} seconds"));
    }

    public static ProblemHttpResult Invalid(string sentence) => RegistryProblem.Create(400, "invalid_request", sentence);

    public static ProblemHttpResult NotJson() => RegistryProblem.Create(400, "invalid_json", "The body is not the JSON this address expects");

    public static ProblemHttpResult NotSupported() =>
        RegistryProblem.Create(404, "not_supported", "Not found: this registry does not have this part of the npm protocol");

    /// <summary>No <c>WWW-Authenticate</c>: with it npm prints a sentence of its own instead of ours.</summary>
    public static ProblemHttpResult WrongPassword(string name) => RegistryProblem.Create(401, "wrong_password", $"The password for {name} is not right");

    public static ProblemHttpResult NameTaken(string name) =>
        RegistryProblem.Create(409, "name_taken", $"The name {name} is taken, or too easy to confuse with one that is: choose another");

    public static ProblemHttpResult ToProblem(this Refusal refusal) =>
        RegistryProblem.Create(
            refusal.Reason switch
            {
                RefusalReason.Invalid => StatusCodes.Status400BadRequest,
                RefusalReason.Forbidden => StatusCodes.Status403Forbidden,
                RefusalReason.NotFound => StatusCodes.Status404NotFound,
                _ => StatusCodes.Status409Conflict,
            },
            refusal.Code,
            refusal.Message);
}
