using System.Globalization;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;
using Registry.ServiceDefaults;
using Registry.Upstreams;

namespace Registry.PackageService.Dialects;

/// <summary>Refusals as answers.</summary>
internal static class ProblemResults
{
    public static ProblemHttpResult ToProblem(this Refusal refusal) =>
        RegistryProblem.Create(
            refusal.Reason switch
            {
                RefusalReason.Invalid => StatusCodes.Status400BadRequest,
                RefusalReason.SecondFactorWanted => StatusCodes.Status401Unauthorized,
                RefusalReason.Forbidden => StatusCodes.Status403Forbidden,
                RefusalReason.NotFound => StatusCodes.Status404NotFound,
                RefusalReason.Conflict => StatusCodes.Status409Conflict,
                _ => StatusCodes.Status503ServiceUnavailable, // the problem writer adds Retry-After
            },
            refusal.Code,
            refusal.Message);

    /// <summary>Why a package does not come from an upstream either; <paramref name="notFound"/> when nobody has it.</summary>
    public static IResult ToProblem(this Proxied proxied, HttpContext context, string? notFound = null) =>
        proxied switch
        {
            Proxied.Blocked blocked => blocked.Block.ToProblem(),
            Proxied.Failed failed => failed.Failure.ToProblem(context),
            _ => PackageNotFound(notFound ?? "Not found"),
        };

    /// <summary>A rule keeps something out, and says why.</summary>
    public static ProblemHttpResult ToProblem(this PackageBlock block) =>
        RegistryProblem.Create(
            StatusCodes.Status451UnavailableForLegalReasons,
            "package_blocked",
            $"This registry does not let it in: {block.Reason ?? (block.Rule is { } rule ? $"blocked by the rule {rule}" : "it is not among what is allowed")}");

    /// <summary>An upstream could not be asked: never "not found", or clients would take its word for it.</summary>
    public static ProblemHttpResult ToProblem(this UpstreamFailure failure, HttpContext context)
    {
        var isPassing = failure.Kind is RegistryFailure.Unreachable or RegistryFailure.TooSlow or RegistryFailure.RateLimited or RegistryFailure.Failed;
        if (isPassing)
        {
            var seconds = Math.Clamp(Math.Ceiling((failure.RetryAfter ?? TimeSpan.FromSeconds(2)).TotalSeconds), 1, 300);
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return isPassing
            ? RegistryProblem.Create(StatusCodes.Status503ServiceUnavailable, "upstream_unavailable", failure.Message)
            : RegistryProblem.Create(StatusCodes.Status502BadGateway, "upstream_failed", failure.Message);
    }

    public static ProblemHttpResult PackageNotFound(string sentence = "Not found") =>
        RegistryProblem.Create(StatusCodes.Status404NotFound, "package_not_found", sentence);

    public static ProblemHttpResult VersionNotFound(string sentence) =>
        RegistryProblem.Create(StatusCodes.Status404NotFound, "version_not_found", sentence);
}
