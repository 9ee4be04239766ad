using System.Net;

using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

using Registry.Gateway.Downloads;
using Registry.Gateway.Mounts;

namespace Registry.Gateway.Caching;

/// <summary>An answer as it was given once and can be given again.</summary>
/// <param name="Headers">Its headers but those of the connection.</param>
/// <param name="Body">Its body as negotiated.</param>
/// <param name="IsFromUpstream">It is what an upstream said some seconds ago, and no word of ours that holds until it changes.</param>
/// <param name="Download">The tarball it is; null when it is none.</param>
internal sealed record KeptAnswer(IReadOnlyList<KeyValuePair<string, StringValues>> Headers, byte[] Body, bool IsFromUpstream, Download? Download)
{
    private const int HeaderBytes = 1024;

    private static readonly string[] NotKept =
        [HeaderNames.Date, HeaderNames.ContentLength, HeaderNames.TransferEncoding, HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.Server];

    /// <summary>What it costs in memory, about.</summary>
    public long Bytes => Body.Length + HeaderBytes;

    /// <summary>Takes the headers of a response that has not started.</summary>
    public static KeptAnswer From(HttpResponse response, byte[] body, bool isFromUpstream) =>
        new(
            [.. response.Headers.Where(header => !NotKept.Contains(header.Key, StringComparer.OrdinalIgnoreCase))],
            body,
            isFromUpstream,
            GatewayRequest.Of(response.HttpContext).Download);

    /// <summary>Gives the answer: 304 when the client has it already.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        foreach (var (name, value) in Headers)
        {
            response.Headers[name] = value;
        }

        if (IsKnownToClient(context.Request, response))
        {
            response.StatusCode = (int)HttpStatusCode.NotModified;
            response.Headers.Remove(HeaderNames.ContentLength);
            response.Headers.Remove(HeaderNames.ContentType);
            response.Headers.Remove(HeaderNames.ContentEncoding);
            return;
        }

        GatewayRequest.Of(context).Download = Download;
        response.StatusCode = (int)HttpStatusCode.OK;
        response.ContentLength = Body.Length;
        await response.Body.WriteAsync(Body, context.RequestAborted);
    }

    /// <summary>The client has this answer: <c>If-None-Match</c> says so or, only without it, <c>If-Modified-Since</c> (RFC 9110, 13.1.3).</summary>
    public static bool IsKnownToClient(HttpRequest request, HttpResponse answer) =>
        request.Headers.IfNoneMatch is { Count: > 0 } known
            ? known == answer.Headers.ETag || Names(known, answer.Headers.ETag.ToString()) // most clients send what they were given
            : request.Headers.IfModifiedSince.Count > 0 && request.GetTypedHeaders().IfModifiedSince is { } since && answer.GetTypedHeaders().LastModified <= since;

    private static bool Names(StringValues known, string etag) =>
        EntityTagHeaderValue.TryParse(etag, out var current)
        && EntityTagHeaderValue.TryParseList(known, out var tags)
        && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: false));
}
