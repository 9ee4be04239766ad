using Registry.PackageService.Data;
using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>PUT /{name}</c>: publish (npm protocol 3.4).</summary>
internal static class PublishEndpoint
{
    public static void MapPublish(this IEndpointRouteBuilder npm) => npm.MapPut("/{name}", PublishAsync).RequireSignedIn().WithLargeBody();

    private static async Task<IResult> PublishAsync(
        PackageName name, HttpContext context, PackageAccess access, PublishServices publishing, CancellationToken cancellationToken)
    {
        var publisher = new Publisher(context.GetMount().Repository, context.GetCaller(), context.Request.Headers["npm-session"]);

        // Before the body is read: a refusal must not cost an upload.
        var (_, refusal) = await access.FindForPublishAsync(publisher.Repository, name, publisher.Caller, cancellationToken);
        if (refusal is not null)
        {
            return refusal.ToProblem();
        }

        return await publishing.Reader.ReadNpmAsync(context.Request, name, cancellationToken) switch
        {
            ReadOutcome.Read read => Answer(context, name, await publishing.Publish.ExecuteAsync(read.Command, publisher, cancellationToken)),
            ReadOutcome.Refused refused => RegistryProblem.Create(refused.Status, refused.Code, refused.Message),
            _ => RegistryProblem.Create(400, "unsupported_update", "This change of a package is not supported here yet: only publishing a version with its tarball is"),
        };
    }

    private static IResult Answer(HttpContext context, PackageName name, PublishOutcome outcome) =>
        outcome switch
        {
            PublishOutcome.Published published => WriteAnswer.Ok(context, name, published.Rev, StatusCodes.Status201Created),

            // Release tools look for this wording beside E403 (npm protocol 3.4, step 7).
            PublishOutcome.VersionExists exists => RegistryProblem.Create(
                403, exists.WasRemoved ? "version_retired" : "version_exists", $"You cannot publish over the previously published versions: {exists.Version}."),
            PublishOutcome.Refused refused => refused.Refusal.ToProblem(),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };
}
