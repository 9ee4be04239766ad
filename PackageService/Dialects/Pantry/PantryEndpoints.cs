using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Pantry;

/// <summary>The pantry registry's REST interface, as far as packages go (P09–P14, M18–M23).</summary>
internal static class PantryEndpoints
{
    private const string NoPackage = "Package not found";
    private const string NoVersion = "Package version not found";

    public static void MapPantry(this IEndpointRouteBuilder routes)
    {
        var pantry = routes.MapGroup("/" + Contracts.Http.Dialects.Pantry).AddEndpointFilter<NameBindingFilter>();
        pantry.MapMethods("/packages/{name}", Methods.Read, GetLatestAsync);
        pantry.MapMethods("/packages/{name}/versions", Methods.Read, GetVersionsAsync);
        pantry.MapMethods("/packages/{name}/{versionOrTag}", Methods.Read, GetVersionAsync);
        pantry.MapMethods("/packages/{name}/{versionOrTag}/tarball", Methods.Read, GetTarballAsync);
        pantry.MapPantryPublish();
    }

    private static async Task<IResult> GetLatestAsync(
        PackageName name, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return ProblemResults.PackageNotFound(NoPackage);
        }

        return await db.FindHighestAsync(found.Package.Id, cancellationToken) is { } version
            ? Send(context, found, version, name)
            : ProblemResults.PackageNotFound(NoPackage);
    }

    private static async Task<IResult> GetVersionAsync(
        PackageName name, string versionOrTag, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        var (found, version, problem) = await FindAsync(name, versionOrTag, context, access, db, cancellationToken);
        return problem ?? Send(context, found!, version!, name);
    }

    private static async Task<IResult> GetTarballAsync(
        PackageName name, string versionOrTag, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        var (found, version, problem) = await FindAsync(name, versionOrTag, context, access, db, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        // A file name has no slash: the scope goes in front of the name with a hyphen.
        var file = VersionDocument.FileNameOf(name, version!.Version);
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{(name.Scope is null ? file : $"{name.Scope}-{file}")}\"";
        return TarballAnswer.Send(context, found!, version, "application/gzip");
    }

    private static async Task<IResult> GetVersionsAsync(
        PackageName name, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return ProblemResults.PackageNotFound(NoPackage);
        }

        var versions = await db.Versions.AsNoTracking().Where(v => v.PackageId == found.Package.Id)
            .OrderBy(v => v.SortKey).ThenBy(v => v.Version).Select(v => v.Version).ToListAsync(cancellationToken);
        return DocumentAnswer.Send(context, found.IsPublic, found.Package.ModifiedAt, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("versions");
            versions.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static async Task<(ReadablePackage? Found, PackageVersion? Version, IResult? Problem)> FindAsync(
        PackageName name, string versionOrTag, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        var asked = TargetPath.Unescape(versionOrTag);
        if (!PantryLimits.IsVersion(asked))
        {
            return (null, null, RegistryProblem.Create(400, "invalid_version", "Invalid version"));
        }

        var found = await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken);
        var version = found is null ? null : await db.FindVersionAsync(found.Package.Id, asked, cancellationToken);
        return version is null ? (null, null, ProblemResults.VersionNotFound(NoVersion)) : (found, version, null);
    }

    private static IResult Send(HttpContext context, ReadablePackage found, PackageVersion version, PackageName name)
    {
        using var manifest = ManifestJson.Parse(version.Manifest);
        return DocumentAnswer.Send(
            context, found.IsPublic, found.Package.ModifiedAt,
            writer => PantryDocument.Write(writer, version, manifest.RootElement, name, context.GetMount().PublicUrl));
    }
}
