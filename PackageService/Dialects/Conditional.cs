using System.Globalization;

using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

using Registry.PackageService.Features.Packuments;

namespace Registry.PackageService.Dialects;

/// <summary>Validators and negotiation, read the way RFC 9110 says.</summary>
internal static class Conditional
{
    /// <summary>
    /// The client has this representation already. <c>If-None-Match</c> decides when it is there; <c>If-Modified-Since</c>,
    /// which counts in seconds, only without it.
    /// </summary>
    public static bool IsNotModified(this HttpRequest request, string etag, DateTimeOffset modifiedAt)
    {
        var tags = request.Headers.IfNoneMatch;
        if (!StringValues.IsNullOrEmpty(tags))
        {
            return EntityTagHeaderValue.TryParseList(tags, out var list)
                && list.Any(tag => tag.Tag == "*" || tag.Tag.Equals(etag, StringComparison.Ordinal));
        }

        return request.GetTypedHeaders().IfModifiedSince is { } since && modifiedAt.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();
    }

    /// <summary>Sets <c>ETag</c>, <c>Last-Modified</c> and <c>Cache-Control</c>.</summary>
    public static void SetValidators(this HttpResponse response, string etag, DateTimeOffset modifiedAt, string cacheControl)
    {
        response.Headers.ETag = etag;
        response.Headers.LastModified = modifiedAt.ToString("r", CultureInfo.InvariantCulture);
        response.Headers.CacheControl = cacheControl;
    }

    /// <summary><c>Cache-Control</c> of documents that change: any positive age hides a new version for that long (npm protocol 1.4).</summary>
    public static string Revalidated(bool isPublic) => isPublic ? "public, max-age=0, must-revalidate" : "private, max-age=0, must-revalidate";

    /// <summary><c>Cache-Control</c> of tarballs.</summary>
    public static string Immutable(bool isPublic) => isPublic ? "public, max-age=31536000, immutable" : "private, max-age=31536000, immutable";

    /// <summary>The client wants what there is now, whatever is kept (RFC 9111, 5.2.1.4).</summary>
    public static bool WantsLatest(this HttpRequest request) => request.GetTypedHeaders().CacheControl is { NoCache: true };

    /// <summary>
    /// How a packument is compressed for the client: brotli where it takes that at least as gladly as gzip. The same client always gets the
    /// same, since npm keeps answers by what it accepts (npm protocol 1.6).
    /// </summary>
    public static PackumentCoding PreferredCoding(this HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted))
        {
            return PackumentCoding.Identity;
        }

        var (brotli, gzip) = (QualityOf(accepted, "br"), QualityOf(accepted, "gzip"));
        return brotli > 0 && brotli >= gzip ? PackumentCoding.Brotli : gzip > 0 ? PackumentCoding.Gzip : PackumentCoding.Identity;
    }

    /// <summary>A wildcard stands for gzip only: whoever sends it lists nothing, and everything that speaks HTTP reads gzip.</summary>
    private static double QualityOf(IList<StringWithQualityHeaderValue> accepted, string coding) =>
        (accepted.FirstOrDefault(one => one.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
            ?? accepted.FirstOrDefault(one => one.Value == "*" && coding == "gzip")) is { } found
            ? found.Quality ?? 1
            : 0;
}
