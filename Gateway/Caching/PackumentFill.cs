using Microsoft.Net.Http.Headers;

using Registry.Contracts.Http;
using Registry.Gateway.Mounts;

namespace Registry.Gateway.Caching;

/// <summary>
/// Put on a request whose answer others wait for. As soon as the answer's headers show that it is not for everyone, the
/// others are let go; if it is, it is read as a whole, kept, and given to all.
/// </summary>
/// <param name="fill">The fill in the memory.</param>
/// <param name="key">What was asked for.</param>
/// <param name="dropsConditions">The service is asked without the client's conditions, so that it answers with the document.</param>
internal sealed class PackumentFill(CacheFill<PackumentAnswer> fill, PackumentKey key, bool dropsConditions) : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(30);
    private static readonly string[] VaryKnown = [HeaderNames.Accept, HeaderNames.AcceptEncoding];

    /// <summary>The service is asked without the client's conditions.</summary>
    public bool DropsConditions => dropsConditions;

    /// <summary>The answer, once it has been taken.</summary>
    public PackumentAnswer? Answer { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => fill.Dispose();

    /// <summary>Looks at the service's answer when its headers have arrived.</summary>
    /// <returns>True when its body is not to be passed on from the service.</returns>
    public async ValueTask<bool> TakeAsync(HttpContext context, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (TagOf(answer) is not { } tag || !MayBeKept(context.Response, answer))
        {
            fill.Dispose();
            return dropsConditions && BecomesNotModified(context);
        }

        var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        Answer = PackumentAnswer.From(context.Response, body);
        fill.Complete(new Filled<PackumentAnswer>(Answer, tag, Answer.Bytes, KeptFor));
        return true;
    }

    private static string? TagOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues(InternalHeaders.Cacheable, out var tags) ? tags.FirstOrDefault() : null;

    // A length is needed to know beforehand that the whole fits.
    private bool MayBeKept(HttpResponse response, HttpResponseMessage answer) =>
        response.StatusCode == StatusCodes.Status200OK
        && !response.Headers.ContainsKey(HeaderNames.SetCookie)
        && response.ContentType?.StartsWith(SharedRoot.AbbreviatedType, StringComparison.OrdinalIgnoreCase) == key.IsAbbreviated
        && answer.Content.Headers.ContentLength is >= 0 and <= PackumentMemory.MaxBodyBytes
        && (response.Headers.ContentEncoding.Count == 0 || (key.TakesGzip && response.Headers.ContentEncoding == "gzip"))
        && response.Headers.GetCommaSeparatedValues(HeaderNames.Vary).All(name => VaryKnown.Contains(name, StringComparer.OrdinalIgnoreCase));

    // The condition was taken off for the memory's sake; the client still gets the answer it asked for.
    private static bool BecomesNotModified(HttpContext context)
    {
        if (context.Response.StatusCode != StatusCodes.Status200OK || !PackumentAnswer.IsKnownToClient(context.Request, context.Response.Headers.ETag))
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status304NotModified;
        context.Response.ContentLength = null;
        return true;
    }
}
