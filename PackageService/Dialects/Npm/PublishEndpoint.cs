using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>PUT /{name}</c>: publish (npm protocol 3.4), and what clients change by sending a packument without a new tarball (3.5).</summary>
internal static class PublishEndpoint
{
    public static void MapPublish(this IEndpointRouteBuilder npm) => npm.MapPut("/{name}", PutAsync).RequireSignedIn().WithoutSecondFactor().WithLargeBody();

    private static async Task<IResult> PutAsync(
        PackageName name, HttpContext context, PublishAdmission admission, PublishServices publishing, PackageUpdates updates, CancellationToken cancellationToken)
    {
        var publisher = new Publisher(context.GetMount().Repository, context.GetCaller(), context.Request.Headers["npm-session"]);

        // Before the body is read: a refusal must not cost an upload. Who may only read the package may star it.
        var (exists, refusal) = await admission.FindAsync(name, publisher, cancellationToken);
        if (refusal is not null && (!exists || Rights.RefuseToken(publisher.Caller, name.Value) is not null))
        {
            return refusal.ToProblem();
        }

        // A star needs no second factor either (npm protocol 5).
        var problem = refusal?.ToProblem() ?? context.RefuseWithoutSecondFactor();
        var outcome = problem is null
            ? await publishing.Reader.ReadNpmAsync(context.Request, name, cancellationToken)
            : await publishing.Reader.ReadUpdateAsync(context.Request, cancellationToken);
        return outcome switch
        {
            ReadOutcome.Read read => Answer(context, name, await publishing.Publish.ExecuteAsync(read.Command, publisher, exists, cancellationToken)),
            ReadOutcome.Refused refused => refused.ToProblem(),
            ReadOutcome.NotAPublish update when exists && new UpdateDocument(update.Document) is var document && (problem is null || document.IsStar) =>
                await updates.PutAsync(context, name, document, cancellationToken),
            ReadOutcome.NotAPublish when problem is null => ProblemResults.PackageNotFound("Not found: a new package begins with a document that has its tarball attached"),
            _ => problem!,
        };
    }

    private static IResult Answer(HttpContext context, PackageName name, PublishOutcome outcome) =>
        outcome is PublishOutcome.Published published
            ? WriteAnswer.Ok(context, name, published.Rev, StatusCodes.Status201Created)
            : outcome.ToProblem();

    /// <summary>Why a body was not read.</summary>
    public static IResult ToProblem(this ReadOutcome.Refused refused) => RegistryProblem.Create(refused.Status, refused.Code, refused.Message);

    /// <summary>Why nothing was published.</summary>
    public static IResult ToProblem(this PublishOutcome outcome) =>
        outcome switch
        {
            // Release tools look for this wording beside E403 (npm protocol 3.4, step 7).
            PublishOutcome.VersionExists exists => RegistryProblem.Create(
                403, exists.WasRemoved ? "version_retired" : "version_exists", $"You cannot publish over the previously published versions: {exists.Version}."),
            PublishOutcome.Refused refused => refused.Refusal.ToProblem(),
            _ => throw new InvalidOperationException("Unknown outcome."),
        };
}
