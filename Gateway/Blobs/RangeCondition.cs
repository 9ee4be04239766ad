using Microsoft.Extensions.Primitives;

namespace Registry.Gateway.Blobs;

/// <summary>
/// <c>If-Range</c> names the ETag that PackageService gave out, which the store need not know: so it is decided here, and a range whose
/// condition fails is not wanted (RFC 9110, 13.1.5).
/// </summary>
internal static class RangeCondition
{
    /// <summary>The range to answer with; null for all of it.</summary>
    public static string? Wanted(HttpContext context)
    {
        var (range, ifRange) = (context.Request.Headers.Range, context.Request.Headers.IfRange);
        return StringValues.IsNullOrEmpty(range) || (!StringValues.IsNullOrEmpty(ifRange) && IsDecided(context) && !Holds(ifRange.ToString(), context.Response.Headers))
            ? null
            : range.ToString();
    }

    /// <summary>Whether there is no condition, or PackageService has said what it is about.</summary>
    public static bool IsDecided(HttpContext context) =>
        StringValues.IsNullOrEmpty(context.Request.Headers.IfRange) || !StringValues.IsNullOrEmpty(context.Response.Headers.ETag);

    private static bool Holds(string ifRange, IHeaderDictionary answer) =>
        (ifRange.StartsWith('"') && ifRange == answer.ETag.ToString())
        || (answer.LastModified.Count > 0 && ifRange == answer.LastModified.ToString());
}
