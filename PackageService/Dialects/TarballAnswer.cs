using System.Globalization;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;

namespace Registry.PackageService.Dialects;

/// <summary>
/// The answer for a tarball: the headers of the final answer and the digest of the blob that the Gateway sends under them.
/// The same bytes have the same ETag in every dialect (K06).
/// </summary>
internal static class TarballAnswer
{
    /// <summary>Writes the headers; 304 without a blob when the client has the bytes.</summary>
    public static IResult Send(HttpContext context, ReadablePackage found, PackageVersion version, string contentType)
    {
        if (found.IsPublic)
        {
            context.MarkCacheable(found.Package.Name);
        }

        context.MarkDownload(found.Package.Name, version.Version);
        return Send(context, (version.Digest, version.PublishedAt), found.IsPublic, contentType);
    }

    /// <summary>Writes the headers for the tarball of an upstream.</summary>
    public static IResult Send(HttpContext context, Proxied.Found found, PackageName name, TarballOutcome.Stored stored, string contentType)
    {
        context.MarkCacheable(name, found);
        return Send(context, (stored.Bytes.Digest, stored.At), found.IsForEveryone, contentType);
    }

    private static IResult Send(HttpContext context, (string Digest, DateTimeOffset At) bytes, bool isPublic, string contentType)
    {
        var etag = string.Create(CultureInfo.InvariantCulture, $"\"{bytes.Digest}\"");
        context.Response.SetValidators(etag, bytes.At, Conditional.Immutable(isPublic));
        if (context.Request.IsNotModified(etag, bytes.At))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        context.Response.ContentType = contentType;
        context.Response.Headers[InternalHeaders.Blob] = bytes.Digest;
        return TypedResults.Empty;
    }
}
