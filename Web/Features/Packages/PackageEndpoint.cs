using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;
using Registry.Web.Peers;
using Registry.Web.Shell;

namespace Registry.Web.Features.Packages;

/// <summary>A package as a page: <c>/packages/{name}</c>, the name with its scope and slash as people write it, or encoded.</summary>
internal static class PackageEndpoint
{
    private const string Prefix = "/packages/";
    private const int MaxNameLength = 512;
    private const int VersionsOnPage = 50;

    public static void MapPackages(this IEndpointRouteBuilder routes) => routes.MapGet(Prefix + "{**name}", ShowPackageAsync);

    private static async Task<IResult> ShowPackageAsync(
        string? page, HttpContext context, PackageClient packages, CancellationToken cancellationToken)
    {
        if (NameIn(context) is not { } name)
        {
            return NotFound("");
        }

        return await packages.GetAsync(context.GetMount().Repository, name, context, cancellationToken) switch
        {
            Answer<PackageResponse>.Found { Value: var package } => Page.Show<PackagePage>(
                new { Package = package, Paging = PagingOf(package, page) }),
            Answer<PackageResponse>.Absent => NotFound(name),
            _ => Page.Unavailable(context, "The packages of this registry cannot be read at the moment."),
        };
    }

    private static Paging PagingOf(PackageResponse package, string? page)
    {
        var paging = new Paging(1, VersionsOnPage, package.Versions.Count);
        return paging with { Number = Math.Min(Paging.NumberFrom(page, VersionsOnPage), paging.Pages) };
    }

    /// <summary>From the raw target, because the framework has already decoded once and a name must not be decoded twice.</summary>
    private static string? NameIn(HttpContext context)
    {
        var path = TargetPath.Normalise(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        return path is not null && path.StartsWith(Prefix, StringComparison.Ordinal) && path.Length > Prefix.Length && path.Length <= MaxNameLength
            ? TargetPath.Unescape(path[Prefix.Length..])
            : null;
    }

    private static RazorComponentResult<PackageNotFoundPage> NotFound(string name) =>
        Page.Show<PackageNotFoundPage>(new { Name = name }, StatusCodes.Status404NotFound);
}
