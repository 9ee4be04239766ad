using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Dialects.Pantry;

/// <summary><c>POST /publish</c>, <c>/packages</c> and <c>/packages/publish</c>: JSON or multipart (P14, P21, P22, M23, K04).</summary>
internal static class PantryPublishEndpoint
{
    public static void MapPantryPublish(this IEndpointRouteBuilder pantry)
    {
        foreach (var path in new[] { "/publish", "/packages", "/packages/publish" })
        {
            pantry.MapPost(path, PublishAsync).RequireSignedIn().WithLargeBody();
        }
    }

    private static async Task<IResult> PublishAsync(HttpContext context, PublishServices publishing, CancellationToken cancellationToken)
    {
        // The name is in the body: before it, only the token can be judged.
        var caller = context.GetCaller();
        if (caller.Limits is { ReadOnly: true } && Rights.RefuseToken(caller, "") is { } readOnly)
        {
            return readOnly.ToProblem();
        }

        var publisher = new Publisher(context.GetMount().Repository, caller, context.Request.Headers["npm-session"]);
        return await publishing.Reader.ReadPantryAsync(context.Request, cancellationToken) switch
        {
            ReadOutcome.Read read => !PantryLimits.IsName(read.Command.Name)
                ? RegistryProblem.Create(400, "invalid_name", "Invalid package name")
                : Answer(context, read.Command, await publishing.Publish.ExecuteAsync(read.Command, publisher, null, cancellationToken)),
            ReadOutcome.Refused refused => RegistryProblem.Create(refused.Status, refused.Code, refused.Message),
            _ => RegistryProblem.Create(400, "missing_tarball", "Missing tarball"),
        };
    }

    private static IResult Answer(HttpContext context, PublishCommand command, PublishOutcome outcome)
    {
        switch (outcome)
        {
            case PublishOutcome.Published:
                context.MarkChanged(command.Name);
                return TypedResults.Json(
                    new PublishedDocument(true, $"Published {command.Name}@{command.Version}"), RegistryJson.Options, statusCode: 201);

            // Both wordings clients know a conflict by: pantry's own and npm's (K09, P58).
            case PublishOutcome.VersionExists exists:
                return RegistryProblem.Create(
                    409,
                    exists.WasRemoved ? "version_retired" : "version_exists",
                    $"Version already exists: You cannot publish over the previously published versions: {exists.Version}.");
            case PublishOutcome.Refused refused:
                return refused.Refusal.ToProblem();
            default:
                throw new InvalidOperationException("Unknown outcome.");
        }
    }

    private sealed record PublishedDocument(bool Success, string Message);
}
