using Microsoft.Net.Http.Headers;

using Registry.PackageService.Data;
using Registry.PackageService.Features.Packuments;
using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.PackageService.Dialects.Npm;

/// <summary><c>GET|HEAD /{name}</c>: the packument, full or abbreviated (npm protocol 2.1, 2.3, 3.3, 4.1).</summary>
internal static class PackumentEndpoint
{
    private const string AbbreviatedType = "application/vnd.npm.install-v1+json";

    public static void MapPackuments(this IEndpointRouteBuilder npm) => npm.MapMethods("/{name}", Methods.Read, GetPackumentAsync);

    private static async Task<IResult> GetPackumentAsync(
        PackageName name, HttpContext context, PackageAccess access, CancellationToken cancellationToken)
    {
        context.Response.Headers.Vary = "Accept, Accept-Encoding";
        var mount = context.GetMount();
        if (await access.FindReadableAsync(mount.Repository, name, context.GetCaller(), cancellationToken) is { } found)
        {
            return await SendOwnAsync(context, found, cancellationToken) ?? ProblemResults.PackageNotFound();
        }

        var wanted = (FormOf(context.Request), context.Request.WantsLatest() ? Freshness.Latest : Freshness.Normal);
        var proxied = await context.FindElsewhereAsync(name, wanted, cancellationToken);
        return proxied is not Proxied.Found elsewhere
            ? proxied.ToProblem(context)
            : await SendProxiedAsync(context, elsewhere, name, cancellationToken) ?? ProblemResults.PackageNotFound();
    }

    private static async Task<IResult?> SendOwnAsync(HttpContext context, ReadablePackage found, CancellationToken cancellationToken)
    {
        var key = KeyOf(context, $"package {found.Package.Id}", found.Package.Rev);
        var result = await SendAsync(
            context,
            new PackumentAnswer(key, found.Package.ModifiedAt, found.IsPublic),
            (sources, token) => sources.WriteAsync(found.Package.Id, key.Form, key.PublicUrl, token),
            cancellationToken);

        if (result is BytesResult && found.IsPublic)
        {
            context.MarkCacheable(found.Package.Name);
        }

        return result;
    }

    private static async Task<IResult?> SendProxiedAsync(HttpContext context, Proxied.Found found, PackageName name, CancellationToken cancellationToken)
    {
        var key = KeyOf(context, PackumentSources.OriginOf(found, name), found.Known.Revision!);
        var result = await SendAsync(
            context,
            new PackumentAnswer(key, found.Known.ChangedAt ?? DateTimeOffset.UnixEpoch, found.IsForEveryone),
            (sources, token) => sources.WriteAsync(found, name, key.Form, key.PublicUrl, token),
            cancellationToken);
        if (result is BytesResult)
        {
            context.MarkCacheable(name, found);
        }

        return result;
    }

    private static PackumentKey KeyOf(HttpContext context, string origin, string rev) =>
        new(origin, rev, FormOf(context.Request), context.GetMount().PublicUrl, context.Request.PreferredCoding());

    /// <returns>Null when it is gone meanwhile.</returns>
    private static async Task<IResult?> SendAsync(
        HttpContext context, PackumentAnswer answer, Func<PackumentSources, CancellationToken, Task<WrittenPackument?>> write, CancellationToken cancellationToken)
    {
        if (context.Request.IsNotModified(answer.Key.ETag, answer.ModifiedAt))
        {
            context.Response.SetValidators(answer.Key.ETag, answer.ModifiedAt, Conditional.Revalidated(answer.IsPublic));
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        var services = context.RequestServices;
        var sources = services.GetRequiredService<PackumentSources>();
        var packument = await services.GetRequiredService<PackumentCache>()
            .GetAsync(answer.Key, token => write(sources, token), context.GetMount().IsCanonical, cancellationToken);
        if (packument is null)
        {
            return null;
        }

        context.Response.SetValidators(packument.Key.ETag, packument.ModifiedAt, Conditional.Revalidated(answer.IsPublic));
        if (packument.Key.Coding != PackumentCoding.Identity)
        {
            context.Response.Headers.ContentEncoding = packument.Key.Coding == PackumentCoding.Brotli ? "br" : "gzip";
        }

        return new BytesResult(packument.Body, packument.Key.Form == PackumentForm.Full ? "application/json; charset=utf-8" : AbbreviatedType);
    }

    /// <summary>Which representation answers, and who may keep it.</summary>
    private sealed record PackumentAnswer(PackumentKey Key, DateTimeOffset ModifiedAt, bool IsPublic);

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
