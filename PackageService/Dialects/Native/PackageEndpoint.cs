using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Data;
using Registry.PackageService.Explaining;
using Registry.PackageService.Features.Downloads;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Dialects.Native;

/// <summary><c>GET /api/v1/repositories/{repository}/packages/{name}</c> → <see cref="PackageResponse"/>: what the web pages show.</summary>
internal static class PackageEndpoint
{
    public static void MapNative(this IEndpointRouteBuilder routes)
    {
        var native = routes.MapGroup("/" + Contracts.Http.Dialects.Native);
        native.MapHookDeliveries();
        native.MapGroup("").AddEndpointFilter<NameBindingFilter>().AddEndpointFilter<ExplainFilter>()
            .MapGet("/api/v1/repositories/{repository}/packages/{name}", GetPackageAsync);
    }

    private static async Task<IResult> GetPackageAsync(
        string repository, PackageName name, HttpContext context, PackageAccess access, PackagePage page, CancellationToken cancellationToken)
    {
        if (await access.FindReadableAsync(repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return repository == context.GetMount().Repository
                ? await ProxiedVersion.WithDocumentAsync(
                    context, name,
                    (elsewhere, document) =>
                    {
                        context.Response.Headers.CacheControl = Conditional.Revalidated(elsewhere.IsForEveryone);
                        return TypedResults.Ok(ProxiedPackagePage.Of(repository, name, elsewhere, document));
                    },
                    null,
                    cancellationToken)
                : ProblemResults.PackageNotFound();
        }

        context.Response.Headers.CacheControl = Conditional.Revalidated(found.IsPublic);
        return TypedResults.Ok(await page.OfAsync(found, cancellationToken));
    }
}

/// <summary>What the web pages show of a package that is published here.</summary>
internal sealed class PackagePage(PackageDbContext db, ReadDownloads downloads)
{
    private const int MaxVersions = 1000; // the newest; a page shows no more

    public async Task<PackageResponse> OfAsync(ReadablePackage found, CancellationToken cancellationToken)
    {
        var package = found.Package;
        var tags = await db.DistTags.AsNoTracking().Where(t => t.PackageId == package.Id)
            .OrderBy(t => t.Tag).ToDictionaryAsync(t => t.Tag, t => t.Version, cancellationToken);
        var versions = await db.Versions.AsNoTracking().Where(v => v.PackageId == package.Id)
            .OrderByDescending(v => v.SortKey).ThenByDescending(v => v.Version).Take(MaxVersions)
            .Select(v => new PackageVersionResponse(v.Version, v.PublishedAt, v.SizeBytes, v.Integrity, v.Deprecated))
            .ToListAsync(cancellationToken);
        var latest = await db.FindVersionAsync(package.Id, DistTagName.Latest.Value, cancellationToken);

        using var manifest = ManifestJson.Parse(latest?.Manifest ?? "{}");
        return new PackageResponse(
            found.Repository.Name,
            package.Name,
            manifest.RootElement.Text("description"),
            manifest.RootElement.TextOrInner("license", "type"),
            manifest.RootElement.Text("homepage"),
            tags,
            versions,
            await db.MaintainersOfAsync(package.Id, cancellationToken),
            package.Visibility == Visibility.Restricted,
            package.ModifiedAt,
            (await db.ReadmeOfLatestAsync(package.Id, cancellationToken))?.Text,
            WeeklyDownloads: await downloads.LastWeekAsync(found.Repository.Name, package.Name, cancellationToken));
    }
}
