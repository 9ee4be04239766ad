using System.Diagnostics;
using System.Text.Json;

using Microsoft.Extensions.Options;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Features.Search;

/// <summary>Asks PackageService what the upstreams have. When it is away, that is a failure of all upstreams: what is published here is found without it.</summary>
internal sealed class UpstreamsClient
{
    private const int LongestAnswerBytes = 4 * 1024 * 1024;
    private const string All = "upstreams";

    private readonly HttpClient _http;
    private readonly TimeSpan _patience;

    public UpstreamsClient(HttpClient http, IOptions<UpstreamSearchOptions> options)
    {
        http.MaxResponseContentBufferSize = LongestAnswerBytes;
        _http = http;
        _patience = options.Value.Patience;
    }

    /// <summary>What the upstreams of a repository have, of those that answer in time.</summary>
    public async Task<UpstreamSearchResponse> SearchAsync(string repository, string text, bool isSignedIn, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(_patience);
        var target = $"{PackageRoutes.UpstreamSearch}?repository={Uri.EscapeDataString(repository)}&text={Uri.EscapeDataString(text)}&signedIn={isSignedIn}";
        try
        {
            using var response = await _http.GetAsync(new Uri(target, UriKind.Relative), bounded.Token);
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<UpstreamSearchResponse>(await response.Content.ReadAsByteArrayAsync(bounded.Token), RegistryJson.Options)
                    ?? Failed("PackageService answered nothing.", started)
                : Failed($"PackageService answered {(int)response.StatusCode}.", started);
        }
        catch (JsonException)
        {
            return Failed("PackageService answered something unexpected.", started);
        }
        catch (HttpRequestException)
        {
            return Failed("PackageService is not reachable.", started);
        }
        catch (Exception late) when (late is TimeoutException || (late is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Failed("PackageService did not answer in time.", started);
        }
    }

    private static UpstreamSearchResponse Failed(string message, long started)
    {
        var took = Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1);
        return new UpstreamSearchResponse([], [new UpstreamSearchFailure(All, message)], [new UpstreamSearchQuestion(All, "failed", null, message, took)]);
    }
}
