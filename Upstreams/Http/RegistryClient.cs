using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

using Registry.Upstreams.Types;

namespace Registry.Upstreams.Http;

/// <summary>
/// HTTP as one registry needs it: within its limits, its credentials to its own origin only, redirects followed by hand, and every way
/// of failing told apart.
/// </summary>
internal sealed class RegistryClient : IDisposable
{
    private const int MostRedirects = 5;
    private const int MostReserved = 16 << 20; // what an answer says of its size before it has sent anything is believed up to here
    private static readonly TimeSpan PingWithin = TimeSpan.FromSeconds(10);
    private static readonly ProductInfoHeaderValue Agent = new("registry-upstreams", typeof(RegistryClient).Assembly.GetName().Version!.ToString(3));

    private readonly HttpMessageHandler _ownHandler;
    private readonly HttpMessageHandler _foreignHandler;
    private readonly bool _areHandlersOurs;
    private readonly HttpMessageInvoker _own;
    private readonly HttpMessageInvoker _elsewhere;
    private readonly TimeProvider _clock;

    public RegistryClient(RegistryConfig config, HttpMessageHandler? handler, TimeProvider clock)
    {
        Config = config;
        _ownHandler = handler ?? Connections.To(config);
        _foreignHandler = handler ?? Connections.Elsewhere(config);
        _areHandlersOurs = handler is null;
        _own = new HttpMessageInvoker(_ownHandler, disposeHandler: false);
        _elsewhere = new HttpMessageInvoker(_foreignHandler, disposeHandler: false);
        _clock = clock;
        Base = new BaseUrl(config.Url);
    }

    public RegistryConfig Config { get; }

    public BaseUrl Base { get; }

    /// <summary>A document of the registry.</summary>
    /// <param name="target">Path and query below the base URL, encoded.</param>
    /// <param name="accept">The media type asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when it is not there.</returns>
    public async Task<JsonDocument?> FindJsonAsync(string target, string accept, CancellationToken cancellationToken)
    {
        var bytes = await FindBytesAsync(target, accept, cancellationToken);
        return bytes is null ? null : JsonParsing.TryParse(bytes.Value) ?? throw Bad($"answered '{target}' with something that is no JSON");
    }

    /// <summary>The bytes of a document of the registry.</summary>
    /// <inheritdoc cref="FindJsonAsync"/>
    public async Task<ReadOnlyMemory<byte>?> FindBytesAsync(string target, string accept, CancellationToken cancellationToken) =>
        (await FindAsync(target, new Question(accept), cancellationToken))?.Bytes;

    /// <summary>A document of the registry with its validators.</summary>
    /// <returns>Null when it is not there.</returns>
    public Task<Document?> FindAsync(string target, Question question, CancellationToken cancellationToken) =>
        WithinTimeAsync(
            Config.Timeout,
            async token =>
            {
                using var answer = await AskAsync(Resolve(target), question, token);
                return answer is null
                    ? null
                    : new Document(
                        answer.StatusCode == HttpStatusCode.NotModified ? default(ReadOnlyMemory<byte>?) : await ReadAsync(answer, target, token),
                        answer.Headers.ETag?.ToString(),
                        answer.Content.Headers.LastModified);
            },
            cancellationToken);

    /// <summary>Begins to download what is behind a URL the registry named.</summary>
    /// <param name="url">The URL: of the registry's own origin, or https.</param>
    /// <param name="accept">The media type asked for.</param>
    /// <param name="cancellationToken">Ends the wait for its beginning.</param>
    /// <returns>Null when it is not there.</returns>
    public Task<TarballStream?> OpenAsync(Uri url, string accept, CancellationToken cancellationToken) =>
        WithinTimeAsync(
            Config.Timeout,
            async token =>
            {
                if (await AskAsync(url, new Question(accept), token) is not { } answer)
                {
                    return null;
                }

                var stream = new TarballStream(this, answer, await answer.Content.ReadAsStreamAsync(token), url);
                if (stream.SizeBytes > Config.MaxTarballBytes)
                {
                    await stream.DisposeAsync();
                    throw stream.TooLarge();
                }

                return stream;
            },
            cancellationToken);

    /// <summary>Finds out whether anything but a failure is answered.</summary>
    public Task PingAsync(string target, CancellationToken cancellationToken) =>
        WithinTimeAsync(
            Config.Timeout < PingWithin ? Config.Timeout : PingWithin,
            async token =>
            {
                using var answer = await SendAsync(Resolve(target), new Question(TarballSource.AnyType), token);
                return answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
                    ? throw Failures.Of(Config, answer, _clock)
                    : true;
            },
            cancellationToken);

    /// <summary>Work that has its time, and whose failures are told apart.</summary>
    public async Task<T> WithinTimeAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var patience = new Patience(limit, _clock, cancellationToken);
        try
        {
            return await work(patience.Token);
        }
        catch (Exception failure) when (Failures.Of(Config, failure, cancellationToken) is { } known)
        {
            throw known;
        }
    }

    /// <summary>A URL, absolute or relative to the base URL.</summary>
    public Uri Resolve(string target) => Base.Resolve(target) ?? throw Bad($"names a URL that is none: '{target}'");

    /// <summary>The failure of an answer its protocol does not allow.</summary>
    public RegistryException Bad(string message) => new(Config.Name, RegistryFailure.BadAnswer, $"{message}.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _own.Dispose();
        _elsewhere.Dispose();
        if (_areHandlersOurs)
        {
            _ownHandler.Dispose();
            _foreignHandler.Dispose();
        }
    }

    /// <summary>A URL as it may be logged: what signs it stays away.</summary>
    public static string Shown(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private async Task<HttpResponseMessage?> AskAsync(Uri url, Question question, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            CheckGoesOnlyWhereItMay(url);
            var answer = await SendAsync(url, question, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK || (answer.StatusCode == HttpStatusCode.NotModified && question.IsConditional))
            {
                return answer;
            }

            using (answer)
            {
                if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
                {
                    return null;
                }

                url = NextOf(answer, url) ?? throw FailureOf(answer);
                if (redirects == MostRedirects)
                {
                    throw Bad($"redirects more than {MostRedirects} times");
                }
            }
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Uri url, Question question, CancellationToken cancellationToken)
    {
        // HTTP/2 where TLS agrees on it, never HTTP/3: its connections would pass by the check of their address.
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        question.Apply(request.Headers);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue(Agent.Product!)); // some servers, GitHub among them, refuse those who send none
        if (!Base.IsOrigin(url))
        {
            return await _elsewhere.SendAsync(request, cancellationToken);
        }

        Config.Auth.Apply(request.Headers);
        return await _own.SendAsync(request, cancellationToken);
    }

    private RegistryException FailureOf(HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.NotModified
            ? Bad("answered that nothing has changed, which it was not asked")
            : Failures.Of(Config, answer, _clock);

    private Uri? NextOf(HttpResponseMessage answer, Uri url) =>
        answer is { StatusCode: HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect, Headers.Location: { } next }
            ? Uri.TryCreate(url, next, out var to) ? to : throw Bad("redirects to a URL that is none")
            : null;

    /// <summary>What a registry names is its choice, not ours: its own origin, or any that can prove who it is and is not ruled out.</summary>
    private void CheckGoesOnlyWhereItMay(Uri url)
    {
        if (Base.IsOrigin(url))
        {
            return;
        }

        var server = url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            throw Bad($"leads to {server}, which is neither itself nor https");
        }

        if (Config.TarballHosts is { } names && !HostNames.Includes(names, url.IdnHost))
        {
            throw Bad($"leads to {server}, which is not among its tarballHosts");
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage answer, string target, CancellationToken cancellationToken)
    {
        await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var read = new MemoryStream((int)Math.Min(answer.Content.Headers.ContentLength ?? 0, MostReserved));
        var buffer = new byte[32 * 1024];
        while (await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (read.Length + count > Config.MaxDocumentBytes)
            {
                throw Bad($"answered '{target}' with more than {Config.MaxDocumentBytes} bytes");
            }

            await read.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        // It may be kept for long: not much larger than what it holds.
        return read.Length < read.Capacity / 4 * 3 ? read.ToArray() : read.GetBuffer().AsMemory(0, (int)read.Length);
    }
}
