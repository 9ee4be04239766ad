using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Packages;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Dialects;

/// <summary>Refusals as answers.</summary>
internal static class ProblemResults
{
    public static ProblemHttpResult ToProblem(this Refusal refusal) =>
        RegistryProblem.Create(
            refusal.Reason switch
            {
                RefusalReason.Invalid => StatusCodes.Status400BadRequest,
                RefusalReason.Forbidden => StatusCodes.Status403Forbidden,
                RefusalReason.NotFound => StatusCodes.Status404NotFound,
                RefusalReason.Conflict => StatusCodes.Status409Conflict,
                _ => StatusCodes.Status503ServiceUnavailable, // the problem writer adds Retry-After
            },
            refusal.Code,
            refusal.Message);

    public static ProblemHttpResult PackageNotFound(string sentence = "Not found") =>
        RegistryProblem.Create(StatusCodes.Status404NotFound, "package_not_found", sentence);

    public static ProblemHttpResult VersionNotFound(string sentence) =>
        RegistryProblem.Create(StatusCodes.Status404NotFound, "version_not_found", sentence);
}
