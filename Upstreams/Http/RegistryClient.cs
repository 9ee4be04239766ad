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
    private static readonly ProductInfoHeaderValue Agent = new("registry-upstreams", typeof(RegistryClient).Assembly.GetName().Version!.ToString(3));

    private readonly HttpMessageHandler _handler;
    private readonly bool _isHandlerOurs;
    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _clock;

    public RegistryClient(RegistryConfig config, HttpMessageHandler? handler, TimeProvider clock)
    {
        Config = config;
        _handler = handler ?? Connections.To(config);
        _isHandlerOurs = handler is null;
        _http = new HttpMessageInvoker(_handler, disposeHandler: false);
        _clock = clock;
        Base = new Uri(config.Url.AbsoluteUri.TrimEnd('/') + "/");
    }

    public RegistryConfig Config { get; }

    /// <summary>The base URL, with a slash at its end.</summary>
    private Uri Base { get; }

    /// <summary>A document of the registry.</summary>
    /// <param name="target">Path and query below the base URL, encoded.</param>
    /// <param name="accept">The media type asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when it is not there.</returns>
    public async Task<JsonDocument?> FindJsonAsync(string target, string accept, CancellationToken cancellationToken)
    {
        var bytes = await FindBytesAsync(target, accept, cancellationToken);
        return bytes is null ? null : JsonParsing.TryParse(bytes) ?? throw Bad($"answered '{target}' with something that is no JSON");
    }

    /// <summary>The bytes of a document of the registry.</summary>
    /// <inheritdoc cref="FindJsonAsync"/>
    public async Task<byte[]?> FindBytesAsync(string target, string accept, CancellationToken cancellationToken)
    {
        using var patience = new Patience(Config.Timeout, _clock, cancellationToken);
        return await KnownAsync(
            async () =>
            {
                using var answer = await FindAsync(Resolve(target), accept, patience.Token);
                return answer is null ? null : await ReadAsync(answer, target, patience.Token);
            },
            cancellationToken);
    }

    /// <summary>The bytes behind a URL the registry named, as they come.</summary>
    /// <param name="source">The URL: of the registry's own origin, or https.</param>
    /// <param name="write">Takes each piece.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>Whether it is there.</returns>
    public async Task<bool> DownloadAsync(
        TarballSource source, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        using var patience = new Patience(Config.Timeout, _clock, cancellationToken);
        using var answer = await KnownAsync(() => FindAsync(source.Url, source.Accept, patience.Token), cancellationToken);
        if (answer is null)
        {
            return false;
        }

        if (source.Checksum is null && EndIsNotKnown(answer))
        {
            throw Bad($"does not say where the tarball {Shown(source.Url)} ends, nor what it has to be: whether it is whole could not be told");
        }

        await using var content = await answer.Content.ReadAsStreamAsync(patience.Token);
        var (buffer, total) = (new byte[64 * 1024], 0L);
        while (await KnownAsync(() => content.ReadAsync(buffer, patience.Token).AsTask(), cancellationToken) is var count and > 0)
        {
            patience.Renew();
            total += count;
            if (total > Config.MaxTarballBytes)
            {
                throw new RegistryException(Config.Name, RegistryFailure.BadTarball, $"sent more than {Config.MaxTarballBytes} bytes for {Shown(source.Url)}.");
            }

            await write(buffer.AsMemory(0, count), cancellationToken);
        }

        return true;
    }

    /// <summary>A URL, absolute or relative to the base URL.</summary>
    public Uri Resolve(string target) => Uri.TryCreate(Base, target, out var url) ? url : throw Bad($"names a URL that is none: '{target}'");

    /// <summary>The failure of an answer its protocol does not allow.</summary>
    public RegistryException Bad(string message) => new(Config.Name, RegistryFailure.BadAnswer, $"{message}.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        if (_isHandlerOurs)
        {
            _handler.Dispose();
        }
    }

    private static bool EndIsNotKnown(HttpResponseMessage answer) =>
        answer.Version.Major < 2 && answer.Content.Headers.ContentLength is null && answer.Headers.TransferEncodingChunked != true;

    /// <summary>A URL as it may be logged: what signs it stays away.</summary>
    public static string Shown(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private async Task<T> KnownAsync<T>(Func<Task<T>> work, CancellationToken ours)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (Failures.Of(Config, failure, ours) is { } known)
        {
            throw known;
        }
    }

    private async Task<HttpResponseMessage?> FindAsync(Uri url, string accept, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            CheckGoesOnlyWhereItMay(url);
            var answer = await SendAsync(url, accept, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return answer;
            }

            using (answer)
            {
                if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
                {
                    return null;
                }

                url = NextOf(answer, url) ?? throw Failures.Of(Config, answer, _clock);
                if (redirects == MostRedirects)
                {
                    throw Bad($"redirects more than {MostRedirects} times");
                }
            }
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Uri url, string accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.ParseAdd(accept);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue(Agent.Product!)); // some servers, GitHub among them, refuse those who send none
        if (IsOwn(url))
        {
            Config.Auth.Apply(request.Headers);
        }

        return await _http.SendAsync(request, cancellationToken);
    }

    private Uri? NextOf(HttpResponseMessage answer, Uri url) =>
        answer is { StatusCode: HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect, Headers.Location: { } next }
            ? Uri.TryCreate(url, next, out var to) ? to : throw Bad("redirects to a URL that is none")
            : null;

    /// <summary>What a registry names is its choice, not ours: its own origin, or any that can prove who it is.</summary>
    private void CheckGoesOnlyWhereItMay(Uri url)
    {
        if (!IsOwn(url) && url.Scheme != Uri.UriSchemeHttps)
        {
            throw Bad($"leads to {url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}, which is neither itself nor https");
        }
    }

    private bool IsOwn(Uri url) => Uri.Compare(url, Base, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private async Task<byte[]> ReadAsync(HttpResponseMessage answer, string target, CancellationToken cancellationToken)
    {
        await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var read = new MemoryStream();
        var buffer = new byte[32 * 1024];
        while (await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (read.Length + count > Config.MaxDocumentBytes)
            {
                throw Bad($"answered '{target}' with more than {Config.MaxDocumentBytes} bytes");
            }

            await read.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        return read.ToArray();
    }
}
