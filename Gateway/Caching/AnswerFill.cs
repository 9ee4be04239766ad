using System.Globalization;

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
/// <param name="memory">Where there is room for its body.</param>
/// <param name="dropsConditions">The service is asked without the client's conditions, so that it answers with the document.</param>
internal sealed class AnswerFill(CacheFill<KeptAnswer> fill, AnswerKey key, AnswerMemory memory, bool dropsConditions) : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(30);
    private static readonly string[] VaryKnown = [HeaderNames.Accept, HeaderNames.AcceptEncoding];

    private Permission? _blob;
    private long _inHand;

    /// <summary>The service is asked without the client's conditions.</summary>
    public bool DropsConditions => dropsConditions;

    /// <summary>The answer, once it has been taken.</summary>
    public KeptAnswer? Answer { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        fill.Dispose();
        memory.GiveBack(_inHand);
        _inHand = 0;
    }

    /// <summary>The answer will not be kept: who waits for it asks for himself.</summary>
    public void LetOthersGo() => fill.Dispose();

    /// <summary>Looks at the service's answer when its headers have arrived.</summary>
    /// <returns>True when its body is not to be passed on from the service.</returns>
    public async ValueTask<bool> TakeAsync(HttpContext context, HttpResponseMessage answer, CancellationToken cancellationToken) =>
        await TryKeepAsync(context, answer, (Permission.In(answer), AnswerMemory.MaxDocumentBytes), cancellationToken)
        || (dropsConditions && BecomesNotModified(context));

    /// <summary>The service's answer has its body elsewhere: whether that may be kept is remembered until it comes.</summary>
    /// <returns>True when the client has it already, and nothing is to be fetched.</returns>
    public bool TakeHeaders(HttpContext context, HttpResponseMessage answer)
    {
        _blob = Permission.In(answer);
        var isKnown = dropsConditions && BecomesNotModified(context);
        if (isKnown || _blob is null)
        {
            fill.Dispose();
        }

        return isKnown;
    }

    /// <summary>Looks at the blob when its headers have arrived, and are on the response.</summary>
    /// <returns>True when its bytes are not to be passed on from the store.</returns>
    public ValueTask<bool> TakeBlobAsync(HttpContext context, HttpResponseMessage blob, CancellationToken cancellationToken) =>
        TryKeepAsync(context, blob, (_blob, AnswerMemory.MaxTarballBytes), cancellationToken);

    private async ValueTask<bool> TryKeepAsync(
        HttpContext context, HttpResponseMessage answer, (Permission? Given, long MostBytes) rule, CancellationToken cancellationToken)
    {
        if (rule.Given is not { } permission || !MayBeKept(context.Response, answer, rule.MostBytes) || !IsOfTheseUpstreams(permission) || !TryTake(answer))
        {
            fill.Dispose();
            return false;
        }

        var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        Answer = KeptAnswer.From(context.Response, body, permission.IsOfUpstream);
        fill.Complete(new Filled<KeptAnswer>(Answer, permission.Tag, Answer.Bytes, permission.Lifetime));
        return true;
    }

    private bool IsOfTheseUpstreams(Permission permission) => !permission.IsOfUpstream || memory.KnowsUpstreams(permission.Upstreams);

    private bool TryTake(HttpResponseMessage answer)
    {
        var bytes = answer.Content.Headers.ContentLength!.Value;
        memory.GiveBack(_inHand); // of a replica that broke
        _inHand = memory.TryTake(bytes) ? bytes : 0;
        return _inHand == bytes;
    }

    // A length is needed to know beforehand that the whole fits.
    private bool MayBeKept(HttpResponse response, HttpResponseMessage answer, long mostBytes) =>
        response.StatusCode == StatusCodes.Status200OK
        && !response.Headers.ContainsKey(HeaderNames.SetCookie)
        && response.ContentType?.StartsWith(SharedRoot.AbbreviatedType, StringComparison.OrdinalIgnoreCase) == key.IsAbbreviated
        && answer.Content.Headers.ContentLength is { } length && length <= mostBytes
        && key.Codings.Take(response.Headers.ContentEncoding.ToString())
        && response.Headers.GetCommaSeparatedValues(HeaderNames.Vary).All(name => VaryKnown.Contains(name, StringComparer.OrdinalIgnoreCase));

    // The condition was taken off for the memory's sake; the client still gets the answer it asked for.
    private static bool BecomesNotModified(HttpContext context)
    {
        if (context.Response.StatusCode != StatusCodes.Status200OK || !KeptAnswer.IsKnownToClient(context.Request, context.Response))
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status304NotModified;
        context.Response.ContentLength = null;
        return true;
    }

    /// <summary>What a service allows of its answer.</summary>
    private sealed record Permission(string Tag, TimeSpan Lifetime, bool IsOfUpstream, string? Upstreams)
    {
        /// <summary>Null when it allows nothing.</summary>
        public static Permission? In(HttpResponseMessage answer) =>
            TextOf(answer, InternalHeaders.Cacheable) is not { } package ? null
            : TextOf(answer, InternalHeaders.CacheableFor) is not { } seconds ? new Permission(AnswerMemory.TagOf(package), KeptFor, IsOfUpstream: false, null)
            : int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var most)
                ? new Permission(AnswerMemory.TagOf(package), TimeSpan.FromSeconds(most), IsOfUpstream: true, TextOf(answer, InternalHeaders.CacheableWith))
            : null;

        private static string? TextOf(HttpResponseMessage answer, string header) => answer.Headers.TryGetValues(header, out var values) ? values.FirstOrDefault() : null;
    }
}
