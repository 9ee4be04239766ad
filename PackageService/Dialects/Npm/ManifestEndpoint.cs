using Registry.PackageService.Data;
using Registry.PackageService.Features.Packuments;
using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>GET|HEAD /{name}/{version or tag}</c>: one version's manifest (npm protocol 3.3; P59, M12).</summary>
internal static class ManifestEndpoint
{
    public static void MapManifests(this IEndpointRouteBuilder npm) =>
        npm.MapMethods("/{name}/{versionOrTag}", Methods.Read, GetManifestAsync);

    private static async Task<IResult> GetManifestAsync(
        PackageName name, string versionOrTag, HttpContext context, PackageAccess access, ReadVersion versions, CancellationToken cancellationToken)
    {
        var mount = context.GetMount();
        var asked = TargetPath.Unescape(versionOrTag);
        if (await access.FindReadableAsync(mount.Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return await ProxiedVersion.SendAsync(context, (name, asked), elsewhere => SendProxied(context, elsewhere, name), null, cancellationToken);
        }

        return await versions.ExecuteAsync(found.Package.Id, name, asked, mount.PublicUrl, cancellationToken) is { } document
            ? DocumentAnswer.Send(context, found.IsPublic, found.Package.ModifiedAt, writer => writer.WriteRawValue(document, skipInputValidation: true))
            : ProblemResults.VersionNotFound($"version not found: {asked}");
    }

    private static IResult SendProxied(HttpContext context, ProxiedVersion version, PackageName name) =>
        DocumentAnswer.Send(
            context, version.Found.IsForEveryone, version.ChangedAt,
            writer => ManifestCopy.Write(writer, version.Manifest, VersionDocument.TarballUrl(context.GetMount().PublicUrl, name, version.Version), static _ => true));
}
