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
        PackageName name, string file, HttpContext context, TarballReads reads, CancellationToken cancellationToken) =>
        reads.SendAsync(context, name, VersionIn(name, TargetPath.Unescape(file))?.Value, ContentType, cancellationToken);

    private static Task<IResult> GetVersionAsync(
        PackageName name, SemVersion version, HttpContext context, TarballReads reads, CancellationToken cancellationToken) =>
        reads.SendAsync(context, name, version.Value, ContentType, cancellationToken);

    /// <summary>The version whose tarball has this name; null when none has.</summary>
    public static SemVersion? VersionIn(PackageName name, string file)
    {
        foreach (var prefix in new[] { $"{name.Bare}-", $"{name}-" })
        {
            if (file.StartsWith(prefix, StringComparison.Ordinal) && file.EndsWith(Extension, StringComparison.Ordinal)
                && file.Length > prefix.Length + Extension.Length
                && SemVersion.TryParse(file[prefix.Length..^Extension.Length], out var version))
            {
                return version;
            }
        }

        return null;
    }
}

/// <summary>Finds a tarball among the packages of this registry, then elsewhere.</summary>
internal sealed class TarballReads(PackageAccess access, PackageDbContext db, ProxiedTarballAnswer elsewhere)
{
    /// <summary>Answers with a tarball.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The package.</param>
    /// <param name="version">The version; null when the file's name holds none.</param>
    /// <param name="contentType">What the dialect calls the bytes.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async Task<IResult> SendAsync(HttpContext context, PackageName name, string? version, string contentType, CancellationToken cancellationToken)
    {
        var found = await access.FindReadableAsync(context.GetMount().Repository, name, context.GetCaller(), cancellationToken);
        if (found is null && version is not null)
        {
            return await elsewhere.SendAsync(context, (name, version), contentType, null, cancellationToken);
        }

        return found is null ? ProblemResults.PackageNotFound()
            : version is not null && await db.FindVersionAsync(found.Package.Id, version, cancellationToken) is { } row
            ? TarballAnswer.Send(context, found, row, contentType)
            : RegistryProblem.Create(404, "tarball_not_found", "Tarball not found");
    }
}
