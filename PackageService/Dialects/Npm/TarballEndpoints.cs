using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary>
/// <c>GET|HEAD /{name}/-/{file}.tgz</c>, also with the full name in the file name as publish bodies declare it, and
/// <c>/{name}/tarball/{version}</c> (M14). Nothing else resolves.
/// </summary>
internal static class TarballEndpoints
{
    private const string ContentType = "application/octet-stream";
    private const string Extension = ".tgz";

    public static void MapTarballs(this IEndpointRouteBuilder npm)
    {
        npm.MapMethods("/{name}/-/{file}", Methods.Read, GetFileAsync);
        npm.MapMethods("/{name}/tarball/{version}", Methods.Read, GetVersionAsync);
    }

    private static Task<IResult> GetFileAsync(
        PackageName name, string file, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken) =>
        SendAsync(name, VersionIn(name, TargetPath.Unescape(file)), context, access, db, cancellationToken);

    private static Task<IResult> GetVersionAsync(
        PackageName name, SemVersion version, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken) =>
        SendAsync(name, version.Value, context, access, db, cancellationToken);

    private static async Task<IResult> SendAsync(
        PackageName name, string? version, HttpContext context, PackageAccess access, PackageDbContext db, CancellationToken cancellationToken)
    {
        if (await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return ProblemResults.PackageNotFound();
        }

        return version is not null && await db.FindVersionAsync(found.Package.Id, version, cancellationToken) is { } row
            ? TarballAnswer.Send(context, found, row, ContentType)
            : RegistryProblem.Create(404, "tarball_not_found", "Tarball not found");
    }

    private static string? VersionIn(PackageName name, string file)
    {
        foreach (var prefix in new[] { $"{name.Bare}-", $"{name}-" })
        {
            if (file.StartsWith(prefix, StringComparison.Ordinal) && file.EndsWith(Extension, StringComparison.Ordinal)
                && file.Length > prefix.Length + Extension.Length
                && SemVersion.TryParse(file[prefix.Length..^Extension.Length], out var version))
            {
                return version.Value;
            }
        }

        return null;
    }
}
