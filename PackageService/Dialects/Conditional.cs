using System.Globalization;

using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

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

    /// <summary>The client takes gzip.</summary>
    public static bool AcceptsGzip(this HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var encodings)
        && (encodings.FirstOrDefault(e => e.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase))
            ?? encodings.FirstOrDefault(e => e.Value == "*")) is { } gzip
        && (gzip.Quality ?? 1) > 0;
}
