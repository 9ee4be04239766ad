using Registry.PackageService.Features.Publishing;
using Registry.PackageService.Features.Unpublishing;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Bodies;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>Changes that name the revision they were made from: <c>/{name}/-rev/{rev}</c> (npm protocol 3.5).</summary>
internal static class RevisionEndpoints
{
    public static void MapRevisionWrites(this IEndpointRouteBuilder npm)
    {
        npm.MapPut("/{name}/-rev/{rev}", UpdateAsync).RequireSignedIn().WithoutSecondFactor().WithLargeBody(); // it may be a star
        npm.MapDelete("/{name}/-rev/{rev}", UnpublishAsync).RequireSignedIn();
        npm.MapDelete("/{name}/-/{file}/-rev/{rev}", RemoveTarballAsync).RequireSignedIn();
    }

    private static async Task<IResult> UpdateAsync(
        PackageName name, string rev, HttpContext context, PublishServices publishing, PackageUpdates updates, CancellationToken cancellationToken) =>
        await publishing.Reader.ReadUpdateAsync(context.Request, cancellationToken) switch
        {
            ReadOutcome.NotAPublish update when new UpdateDocument(update.Document) is var document =>
                (document.IsStar ? null : context.RefuseWithoutSecondFactor()) ?? await updates.PutAsync(context, (name, rev), document, cancellationToken),
            ReadOutcome.Refused refused => refused.ToProblem(),
            _ => RegistryProblem.Create(400, "unsupported_update", "A tarball is published without a revision in the path"),
        };

    private static async Task<IResult> UnpublishAsync(
        PackageName name, string rev, HttpContext context, UnpublishPackage unpublish, CancellationToken cancellationToken) =>
        WriteAnswer.Of(context, name, await unpublish.ExecuteAsync(context.TargetOf(name, rev), cancellationToken));

    /// <summary>The last step of unpublishing a version, which is gone already then; without the steps before, it is what removes it.</summary>
    private static async Task<IResult> RemoveTarballAsync(
        PackageName name, string file, string rev, HttpContext context, UnpublishVersions unpublish, CancellationToken cancellationToken) =>
        TarballEndpoints.VersionIn(name, TargetPath.Unescape(file)) is { } version
            ? WriteAnswer.Of(context, name, await unpublish.RemoveAsync(context.TargetOf(name, rev), version, cancellationToken))
            : RegistryProblem.Create(404, "tarball_not_found", "Tarball not found");
}
