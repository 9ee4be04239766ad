using Microsoft.AspNetCore.Http.Features;

using Registry.ServiceDefaults.Routing;

namespace Registry.Gateway.Mounts;

/// <summary>
/// The request target as it stands on the wire. The framework's own path is decoded and its dot segments are collapsed,
/// so nothing here looks at it.
/// </summary>
internal static class RawTarget
{
    public static string Of(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    /// <summary>Why a target is refused, or null when it is fine.</summary>
    public static string? Fault(string rawTarget)
    {
        if (!rawTarget.StartsWith('/'))
        {
            return "The request target must be a path";
        }

        // A fragment never belongs into a request, and what is not ASCII could not be passed on as it stands.
        if (rawTarget.AsSpan().ContainsAnyExceptInRange('!', '~') || rawTarget.Contains('#', StringComparison.Ordinal))
        {
            return "The request target holds characters that must be percent-encoded";
        }

        return TargetPath.HasDotSegment(rawTarget) ? "The path must not hold the segments . or .., in any encoding"
            : TargetPath.Normalise(rawTarget) is null ? "The path is not valid: an escape in it is malformed"
            : null;
    }
}
