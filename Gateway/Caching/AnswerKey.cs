using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

using Registry.Contracts.Http;
using Registry.Gateway.Mounts;
using Registry.ServiceDefaults.Routing;

namespace Registry.Gateway.Caching;

/// <summary>
/// What makes two requests for a packument or a tarball ask for the same bytes. Requests whose negotiation cannot be told for
/// certain have no key and are never answered from memory.
/// </summary>
/// <param name="Mount">The mount with its public URL, which is part of the document's links.</param>
/// <param name="Target">Path in its one spelling.</param>
/// <param name="IsAbbreviated">The abbreviated form was asked for.</param>
/// <param name="Codings">How the answer may be compressed.</param>
internal sealed record AnswerKey(MountContext Mount, string Target, bool IsAbbreviated, AcceptedCodings Codings)
{
    private const int LongestTarget = 512; // the longest name in its longest spelling, under a prefix

    private static readonly Readings<bool?> Forms = new(FormOf);
    private static readonly Readings<AcceptedCodings?> CodingsRead = new(AcceptedCodings.Of);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Target, Mount.Repository, IsAbbreviated); // what else there is differs little, and hashing it costs most

    /// <summary>The key of a request, or null when it is not one for an answer that may be kept.</summary>
    public static AnswerKey? Of(HttpContext context, GatewayRequest request)
    {
        var headers = context.Request.Headers;
        if (!MayBeKept(context, request) || headers.ContainsKey(HeaderNames.Range) || TargetPath.Normalise(request.Target) is not { } path)
        {
            return null;
        }

        if (path.Contains("/-/", StringComparison.Ordinal)) // a tarball is one thing in whatever form it is wanted; everything else there is nobody's to keep
        {
            return path.EndsWith(".tgz", StringComparison.Ordinal) ? new AnswerKey(request.Mount, path, IsAbbreviated: false, AcceptedCodings.None) : null;
        }

        if (Forms.Of(headers.Accept.ToString()) is not { } isAbbreviated
            || CodingsRead.Of(headers.AcceptEncoding.ToString()) is not { } codings)
        {
            return null;
        }

        return new AnswerKey(request.Mount, path, isAbbreviated, codings);
    }

    // A caller whose credential was refused is told so in an answer made for him.
    private static bool MayBeKept(HttpContext context, GatewayRequest request) =>
        HttpMethods.IsGet(context.Request.Method)
        && request is { Service: ServiceNames.Packages, Mount.IsCanonical: true, Caller.Credential: not CredentialState.Rejected }
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }
        && request.Target.Length <= LongestTarget
        && !request.Target.Contains('?', StringComparison.Ordinal); // installs send none; anything else would fill memory with spellings of one document

    /// <summary>Abbreviated when that type is preferred to plain JSON, full when it is not mentioned; anything between is for the service to decide.</summary>
    private static bool? FormOf(string accept)
    {
        if (!accept.Contains(SharedRoot.AbbreviatedType, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        if (!MediaTypeHeaderValue.TryParseList([accept], out var types))
        {
            return null;
        }

        return QualityOf(types, SharedRoot.AbbreviatedType) > QualityOf(types, "application/json") ? true : null;
    }

    // The most specific range that covers a type decides; clients send install-v1;q=1.0, json;q=0.8, */*.
    private static double QualityOf(IList<MediaTypeHeaderValue> accepted, string type) =>
        new[] { type, "application/*", "*/*" }
            .Select(range => accepted.Where(one => one.MediaType.Equals(range, StringComparison.OrdinalIgnoreCase)).Max(one => (double?)(one.Quality ?? 1)))
            .FirstOrDefault(quality => quality is not null) ?? 0;
}
