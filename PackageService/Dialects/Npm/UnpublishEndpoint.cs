using Registry.PackageService.Features.Unpublishing;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>DELETE /{name}/-rev/{rev}</c>: unpublish the whole package (npm protocol 3.5).</summary>
internal static class UnpublishEndpoint
{
    public static void MapUnpublish(this IEndpointRouteBuilder npm) => npm.MapDelete("/{name}/-rev/{rev}", UnpublishAsync).RequireSignedIn();

    private static async Task<IResult> UnpublishAsync(
        PackageName name, string rev, HttpContext context, UnpublishPackage unpublish, CancellationToken cancellationToken) =>
        await unpublish.ExecuteAsync(context.GetMount().Repository, name, rev, context.GetCaller(), cancellationToken) switch
        {
            UnpublishOutcome.Removed => WriteAnswer.Ok(context, name, null),
            UnpublishOutcome.Refused refused => refused.Refusal.ToProblem(),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };
}
