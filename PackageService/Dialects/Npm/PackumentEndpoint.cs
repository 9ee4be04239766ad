using Microsoft.Net.Http.Headers;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Features.Packuments;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Access;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>GET|HEAD /{name}</c>: the packument, full or abbreviated (npm protocol 2.1, 2.3, 3.3, 4.1).</summary>
internal static class PackumentEndpoint
{
    private const string AbbreviatedType = "application/vnd.npm.install-v1+json";

    public static void MapPackuments(this IEndpointRouteBuilder npm) => npm.MapMethods("/{name}", Methods.Read, GetPackumentAsync);

    private static async Task<IResult> GetPackumentAsync(
        PackageName name, HttpContext context, PackageAccess access, PackumentCache packuments, CancellationToken cancellationToken)
    {
        var mount = context.GetMount();
        context.Response.Headers.Vary = "Accept, Accept-Encoding";
        if (await access.FindReadableAsync(mount.Repository, name, context.GetCaller(), cancellationToken) is not { } found)
        {
            return ProblemResults.PackageNotFound();
        }

        var key = new PackumentKey(
            found.Package.Id, found.Package.Rev, FormOf(context.Request), mount.PublicUrl, context.Request.AcceptsGzip());
        if (context.Request.IsNotModified(key.ETag, found.Package.ModifiedAt))
        {
            context.Response.SetValidators(key.ETag, found.Package.ModifiedAt, Conditional.Revalidated(found.IsPublic));
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        return await packuments.GetAsync(key, mount.IsCanonical, cancellationToken) is { } packument
            ? Send(context, mount, found, packument)
            : ProblemResults.PackageNotFound();
    }

    private static BytesResult Send(HttpContext context, MountContext mount, ReadablePackage found, Packument packument)
    {
        var response = context.Response;
        response.SetValidators(packument.Key.ETag, packument.ModifiedAt, Conditional.Revalidated(found.IsPublic));
        if (packument.Key.IsGzip)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        // An answer that tells a caller about a rejected credential is that caller's alone.
        if (found.IsPublic && mount.IsCanonical && context.GetCaller().Credential != CredentialState.Rejected)
        {
            response.Headers[InternalHeaders.Cacheable] = $"{mount.Repository}/{found.Package.Name}";
        }

        return new BytesResult(packument.Body, packument.Key.Form == PackumentForm.Full ? "application/json; charset=utf-8" : AbbreviatedType);
    }

    /// <summary>
    /// Abbreviated when the client likes it at least as much as plain JSON. With <c>?write=true</c> always full: npm sends
    /// it with the abbreviated <c>Accept</c> while it unpublishes.
    /// </summary>
    private static PackumentForm FormOf(HttpRequest request)
    {
        if (request.Query["write"] == "true" || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
        {
            return PackumentForm.Full;
        }

        var abbreviated = QualityOf(accepted, AbbreviatedType);
        return abbreviated > 0 && abbreviated >= QualityOf(accepted, "application/json") ? PackumentForm.Abbreviated : PackumentForm.Full;
    }

    private static double QualityOf(IList<MediaTypeHeaderValue> accepted, string type) =>
        accepted.Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
}
