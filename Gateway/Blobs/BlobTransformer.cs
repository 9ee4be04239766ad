using Microsoft.Net.Http.Headers;

using Registry.Contracts.Http;
using Registry.Contracts.Http.Storage;
using Registry.Gateway.Caching;

using Yarp.ReverseProxy.Forwarder;

namespace Registry.Gateway.Blobs;

/// <summary>
/// Asks for a blob and puts its length, range and bytes under the headers PackageService has given the answer. Of a blob that anybody
/// may read the store may say instead where else the client gets it.
/// </summary>
internal sealed class BlobTransformer(string digest, string assertion, bool isForAnybody) : HttpTransformer
{
    private static readonly string[] OfTheBytes = [HeaderNames.ContentLength, HeaderNames.ContentRange, HeaderNames.AcceptRanges];
    private static readonly string[] UnlessGiven = [HeaderNames.ContentType, HeaderNames.ETag, HeaderNames.LastModified, HeaderNames.CacheControl];

    public string Digest => digest;

    /// <summary>The status StorageService refused with, when it did.</summary>
    public int? Refusal { get; private set; }

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        // Made from nothing: no header of the client's but the range has a meaning for the store.
        var path = (isForAnybody ? StorageRoutes.PublicBlob : StorageRoutes.Blob).Replace("{digest}", digest, StringComparison.Ordinal);
        proxyRequest.RequestUri = new Uri(destinationPrefix.TrimEnd('/') + path);
        proxyRequest.Headers.TryAddWithoutValidation(InternalHeaders.Assertion, assertion);
        if (HttpMethods.IsGet(httpContext.Request.Method))
        {
            AddRange(httpContext, proxyRequest);
        }

        return ValueTask.CompletedTask;
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return false;
        }

        var status = (int)proxyResponse.StatusCode;
        if (isForAnybody && status == StatusCodes.Status302Found)
        {
            SendElsewhere(httpContext.Response, proxyResponse);
            return true;
        }

        if (status is not (StatusCodes.Status200OK or StatusCodes.Status206PartialContent or StatusCodes.Status416RangeNotSatisfiable))
        {
            Refusal = status;
            return false;
        }

        var answer = httpContext.Response;
        answer.StatusCode = status;
        answer.Headers.Remove(HeaderNames.ContentLength);
        if (status == StatusCodes.Status416RangeNotSatisfiable)
        {
            ForgetContent(answer.Headers);
        }

        Copy(proxyResponse, answer.Headers, OfTheBytes);
        Copy(proxyResponse, answer.Headers, [.. UnlessGiven.Where(name => !answer.Headers.ContainsKey(name))]);
        return httpContext.Features.Get<AnswerFill>() is not { } fill || !await fill.TakeBlobAsync(httpContext, proxyResponse, cancellationToken);
    }

    /// <summary>A range that cannot be had is not the bytes that PackageService spoke of.</summary>
    public static void ForgetContent(IHeaderDictionary answer)
    {
        answer.Remove(HeaderNames.ContentType);
        answer.Remove(HeaderNames.ContentDisposition);
        answer.Remove(HeaderNames.CacheControl);
    }

    /// <summary>What PackageService said of the bytes does not hold for the redirect: it must not be kept, and has no bytes.</summary>
    private static void SendElsewhere(HttpResponse answer, HttpResponseMessage redirect)
    {
        answer.Headers.Clear();
        answer.StatusCode = StatusCodes.Status302Found;
        answer.Headers.CacheControl = "no-store";
        answer.Headers.ContentLength = 0;
        Copy(redirect, answer.Headers, [HeaderNames.Location]);
    }

    private static void AddRange(HttpContext context, HttpRequestMessage proxyRequest)
    {
        if (RangeCondition.Wanted(context) is { } range)
        {
            proxyRequest.Headers.TryAddWithoutValidation(HeaderNames.Range, range);
            if (!RangeCondition.IsDecided(context))
            {
                proxyRequest.Headers.TryAddWithoutValidation(HeaderNames.IfRange, context.Request.Headers.IfRange.ToString());
            }
        }
    }

    private static void Copy(HttpResponseMessage from, IHeaderDictionary to, string[] names)
    {
        foreach (var name in names)
        {
            if (from.Content.Headers.NonValidated.TryGetValues(name, out var values) || from.Headers.NonValidated.TryGetValues(name, out values))
            {
                to[name] = values.ToString();
            }
        }
    }
}
