using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Features.Deprecating;
using Registry.PackageService.Features.Maintaining;
using Registry.PackageService.Features.Starring;
using Registry.PackageService.Features.Unpublishing;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>Tells the changes that clients make by sending a packument back apart by what it holds (npm protocol 3.5).</summary>
internal sealed class PackageUpdates(
    PackageDbContext db, PackageAccess access, DeprecateVersions deprecate, StarPackage star, ChangeMaintainers maintainers, UnpublishVersions unpublish)
{
    /// <summary><c>PUT /{name}</c>: deprecates, or stars.</summary>
    public async Task<IResult> PutAsync(HttpContext context, PackageName name, UpdateDocument document, CancellationToken cancellationToken)
    {
        var target = context.TargetOf(name, document.Revs);
        return !document.IsOf(name) ? OfAnother(name)
            : document.Versions is not null
                ? WriteAnswer.Of(context, name, await deprecate.ExecuteAsync(target, document.Deprecations, cancellationToken))
            : document.IsStarredBy(target.Caller.UserName!) is { } isStarred
                ? WriteAnswer.Of(context, name, await star.ExecuteAsync(target, isStarred, cancellationToken))
            : Unsupported();
    }

    /// <summary><c>PUT /{name}/-rev/{rev}</c>: unpublishes versions, changes the maintainers, or stars (pnpm).</summary>
    public async Task<IResult> PutAsync(
        HttpContext context, (PackageName Name, string Rev) at, UpdateDocument document, CancellationToken cancellationToken)
    {
        var (name, rev) = at;
        var target = context.TargetOf(name, [rev, .. document.Revs]);
        if (!document.IsOf(name))
        {
            return OfAnother(name);
        }

        // What is hidden and what does not exist end here alike: the rest tells apart by what there is.
        if (await access.FindReadableAsync(target.Repository, name, target.Caller, cancellationToken) is not { } found)
        {
            return Refusal.NotFound.ToProblem();
        }

        return document switch
        {
            { Versions: { } kept } when await LacksAsync(found.Package.Id, kept, cancellationToken) =>
                WriteAnswer.Of(context, name, await unpublish.KeepAsync(target, kept, document.Latest, cancellationToken)),
            _ when document.IsStarredBy(target.Caller.UserName!) is { } isStarred =>
                WriteAnswer.Of(context, name, await star.ExecuteAsync(target, isStarred, cancellationToken)),
            { Maintainers: { } names } =>
                WriteAnswer.Of(context, name, await maintainers.ReplaceAsync(target, names, cancellationToken)),
            _ => Unsupported(),
        };
    }

    /// <summary>Some version is missing. That it is still so is seen to under the package's lock, by the revision.</summary>
    private Task<bool> LacksAsync(long packageId, IReadOnlySet<string> kept, CancellationToken cancellationToken)
    {
        var all = kept.ToArray();
        return db.Versions.AnyAsync(v => v.PackageId == packageId && !all.Contains(v.Version), cancellationToken);
    }

    private static ProblemHttpResult OfAnother(PackageName name) =>
        RegistryProblem.Create(400, "name_mismatch", $"The name in the URL is {name}, but the document is of another package");

    private static ProblemHttpResult Unsupported() =>
        RegistryProblem.Create(
            400, "unsupported_update", "The document changes nothing that can be changed: it holds neither a new tarball nor versions, users or maintainers");
}
