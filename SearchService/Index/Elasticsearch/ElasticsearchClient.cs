using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Registry.SearchService.Index.Elasticsearch;

/// <summary>
/// The engine's REST API. Only what Elasticsearch 8, 9 and OpenSearch understand alike is used, so no client package is needed and
/// no media type of one version is sent.
/// </summary>
internal sealed class ElasticsearchClient
{
    private const int LongestAnswerBytes = 64 * 1024 * 1024;
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue Lines = new("application/x-ndjson"); // with a charset beside it, some versions refuse

    private readonly HttpClient _http;
    private readonly SearchMetrics _metrics;

    public ElasticsearchClient(HttpClient http, SearchMetrics metrics)
    {
        http.MaxResponseContentBufferSize = LongestAnswerBytes;
        _http = http;
        _metrics = metrics;
    }

    /// <summary>Where the engine is, without what is secret.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>The base address and headers of a client.</summary>
    /// <param name="http">The client.</param>
    /// <param name="connectionString"><c>http(s)://user:password@host:port</c>.</param>
    /// <param name="apiKey">An API key, or null.</param>
    /// <exception cref="InvalidOperationException">It is not such a URL.</exception>
    public static void Configure(HttpClient http, string connectionString, string? apiKey)
    {
        if (!Uri.TryCreate(connectionString, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new InvalidOperationException("ConnectionStrings:elasticsearch is not a URL: set it to http(s)://user:password@host:port");
        }

        http.BaseAddress = new UriBuilder(url) { UserName = "", Password = "", Path = url.AbsolutePath.TrimEnd('/') + "/" }.Uri;
        http.Timeout = Timeout.InfiniteTimeSpan; // each request has its own limit
        if (!string.IsNullOrEmpty(apiKey))
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", apiKey);
        }
        else if (url.UserInfo.Length > 0)
        {
            var user = Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo));
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(user));
        }
    }

    /// <summary>Sends a request that names existing things.</summary>
    /// <exception cref="TimeoutException">The engine is away, busy, refuses the credentials, or has no such thing; the message says which.</exception>
    public async Task<JsonDocument> SendAsync(EngineRequest request, CancellationToken cancellationToken) =>
        await TrySendAsync(request, cancellationToken)
        ?? throw new TimeoutException($"Elasticsearch at {Address} does not have what '{request.Operation}' needs: the index is missing.");

    /// <summary>Sends a request.</summary>
    /// <returns>The answer; null when it names something that does not exist.</returns>
    /// <exception cref="TimeoutException">The engine is away, busy, or refuses the credentials; the message says which.</exception>
    public async Task<JsonDocument?> TrySendAsync(EngineRequest request, CancellationToken cancellationToken)
    {
        var (status, body) = await ExchangeAsync(request, cancellationToken);
        _metrics.Requested(request.Operation, status switch { < HttpStatusCode.BadRequest => "ok", HttpStatusCode.TooManyRequests => "busy", _ => "failed" });
        return status switch
        {
            < HttpStatusCode.BadRequest => JsonDocument.Parse(body),
            HttpStatusCode.NotFound => null,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                throw new TimeoutException($"Elasticsearch at {Address} refuses the credentials ({(int)status}): see ConnectionStrings:elasticsearch and Search:Elasticsearch:ApiKey."),
            HttpStatusCode.TooManyRequests or HttpStatusCode.RequestEntityTooLarge => throw new EngineBusyException($"Elasticsearch at {Address} is too busy for '{request.Operation}'."),
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
                throw new EngineNotReadyException($"Elasticsearch at {Address} is not ready for '{request.Operation}' ({(int)status})."),
            _ => throw new InvalidOperationException($"Elasticsearch answered {(int)status} to '{request.Operation}': {Beginning(body)}"),
        };
    }

    private static string Beginning(byte[] body) => Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 500)));

    private async Task<(HttpStatusCode Status, byte[] Body)> ExchangeAsync(EngineRequest request, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(request.Patience);
        try
        {
            using var message = new HttpRequestMessage(request.Method, new Uri(request.Target, UriKind.Relative)) { Content = ContentOf(request) };
            using var response = await _http.SendAsync(message, bounded.Token);
            return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(bounded.Token));
        }
        catch (HttpRequestException away)
        {
            _metrics.Requested(request.Operation, "away");
            throw new TimeoutException($"Elasticsearch does not answer at {Address}.", away);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            _metrics.Requested(request.Operation, "late");
            throw new TimeoutException($"Elasticsearch at {Address} did not answer '{request.Operation}' in time.", late);
        }
    }

    private static ByteArrayContent? ContentOf(EngineRequest request)
    {
        var body = request.Json is { } json ? JsonSerializer.SerializeToUtf8Bytes(json) : request.Lines;
        return body is null ? null : new ByteArrayContent(body) { Headers = { ContentType = request.Json is null ? Lines : Json } };
    }
}

/// <summary>A request to the engine.</summary>
/// <param name="Operation">Its name in metrics and messages.</param>
/// <param name="Method">The method.</param>
/// <param name="Target">Path and query, without a slash at the beginning.</param>
/// <param name="Json">The body; or null.</param>
internal sealed record EngineRequest(string Operation, HttpMethod Method, string Target, JsonObject? Json = null)
{
    /// <summary>A body of lines of JSON instead.</summary>
    public byte[]? Lines { get; init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>The engine answers, but not now; waiting helps.</summary>
internal class EngineBusyException(string message) : TimeoutException(message);

/// <summary>No node has what was asked for, at this moment.</summary>
internal sealed class EngineNotReadyException(string message) : EngineBusyException(message);
