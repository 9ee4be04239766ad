using System.Globalization;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

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
        var etag = string.Create(CultureInfo.InvariantCulture, $"\"{version.Digest}\"");
        context.Response.SetValidators(etag, version.PublishedAt, Conditional.Immutable(found.IsPublic));
        if (context.Request.IsNotModified(etag, version.PublishedAt))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        context.Response.ContentType = contentType;
        context.Response.Headers[InternalHeaders.Blob] = version.Digest;
        return TypedResults.Empty;
    }
}
