using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Explaining;
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
    private static readonly NotFoundWords Words = new(NoPackage, NoVersion);
    private static readonly NotFoundWords VersionWords = new(NoVersion, NoVersion);
    private const string TarballType = "application/gzip";

    public static void MapPantry(this IEndpointRouteBuilder routes)
    {
        var pantry = routes.MapGroup("/" + Contracts.Http.Dialects.Pantry).AddEndpointFilter<NameBindingFilter>().AddEndpointFilter<ExplainFilter>();
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
            return await SendProxiedAsync(context, (name, DistTagName.Latest.Value), Words, cancellationToken);
        }

        return await db.FindHighestAsync(found.Package.Id, cancellationToken) is { } version
            ? Send(context, found, version, name)
            : ProblemResults.PackageNotFound(NoPackage);
    }

    private static async Task<IResult> GetVersionAsync(
        PackageName name, string versionOrTag, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        if (AskedFor(versionOrTag) is not { } asked)
        {
            return InvalidVersion();
        }

        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return await SendProxiedAsync(context, (name, asked), VersionWords, cancellationToken);
        }

        return await db.FindVersionAsync(found.Package.Id, asked, cancellationToken) is { } version
            ? Send(context, found, version, name)
            : ProblemResults.VersionNotFound(NoVersion);
    }

    private static async Task<IResult> GetTarballAsync(
        PackageName name, string versionOrTag, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        if (AskedFor(versionOrTag) is not { } asked)
        {
            return InvalidVersion();
        }

        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return await SendProxiedTarballAsync(context, name, asked, cancellationToken);
        }

        if (await db.FindVersionAsync(found.Package.Id, asked, cancellationToken) is not { } version)
        {
            return ProblemResults.VersionNotFound(NoVersion);
        }

        NameFile(context, name, version.Version);
        return TarballAnswer.Send(context, found, version, TarballType);
    }

    private static async Task<IResult> SendProxiedTarballAsync(HttpContext context, PackageName name, string asked, CancellationToken cancellationToken)
    {
        var answer = context.RequestServices.GetRequiredService<ProxiedTarballAnswer>();
        var isTag = !SemVersion.TryParse(asked, out _);
        if (isTag)
        {
            string? version = null;
            var problem = await ProxiedVersion.SendAsync(
                context, (name, asked),
                found =>
                {
                    version = found.Version;
                    return Results.Empty;
                },
                VersionWords,
                cancellationToken);
            if (version is null)
            {
                return problem;
            }

            asked = version;
        }

        NameFile(context, name, asked);
        var result = await answer.SendAsync(context, (name, asked), TarballType, NoVersion, cancellationToken);
        if (isTag)
        {
            context.Response.Headers.Remove(InternalHeaders.Cacheable); // a tag moves, which a version does not
        }

        return result;
    }

    /// <summary>A file name has no slash: the scope goes in front of the name with a hyphen.</summary>
    private static void NameFile(HttpContext context, PackageName name, string version)
    {
        var file = VersionDocument.FileNameOf(name, version);
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{(name.Scope is null ? file : $"{name.Scope}-{file}")}\"";
    }

    private static async Task<IResult> GetVersionsAsync(
        PackageName name, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return await ProxiedVersion.WithDocumentAsync(
                context, name,
                (elsewhere, document) => SendVersions(context, elsewhere.IsForEveryone, elsewhere.Known.ChangedAt ?? DateTimeOffset.UnixEpoch, document.Versions),
                Words,
                cancellationToken);
        }

        var versions = await db.Versions.AsNoTracking().Where(v => v.PackageId == found.Package.Id)
            .OrderBy(v => v.SortKey).ThenBy(v => v.Version).Select(v => v.Version).ToListAsync(cancellationToken);
        return SendVersions(context, found.IsPublic, found.Package.ModifiedAt, versions);
    }

    private static IResult SendVersions(HttpContext context, bool isPublic, DateTimeOffset modifiedAt, IEnumerable<string> versions) =>
        DocumentAnswer.Send(context, isPublic, modifiedAt, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("versions");
            foreach (var version in versions)
            {
                writer.WriteStringValue(version);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    private static string? AskedFor(string versionOrTag) =>
        TargetPath.Unescape(versionOrTag) is var asked && PantryLimits.IsVersion(asked) ? asked : null;

    private static ProblemHttpResult InvalidVersion() => RegistryProblem.Create(400, "invalid_version", "Invalid version");

    private static Task<IResult> SendProxiedAsync(
        HttpContext context, (PackageName Name, string Version) asked, NotFoundWords words, CancellationToken cancellationToken) =>
        ProxiedVersion.SendAsync(context, asked, version => SendProxied(context, version, asked.Name), words, cancellationToken);

    private static IResult SendProxied(HttpContext context, ProxiedVersion version, PackageName name) =>
        DocumentAnswer.Send(context, version.Found.IsForEveryone, version.ChangedAt, writer =>
            PantryDocument.Write(writer, PantryVersion.Of(version), version.Manifest, name, context.GetMount().PublicUrl));

    private static IResult Send(HttpContext context, ReadablePackage found, PackageVersion version, PackageName name)
    {
        using var manifest = ManifestJson.Parse(version.Manifest);
        return DocumentAnswer.Send(
            context, found.IsPublic, found.Package.ModifiedAt,
            writer => PantryDocument.Write(writer, PantryVersion.Of(version), manifest.RootElement, name, context.GetMount().PublicUrl));
    }
}
