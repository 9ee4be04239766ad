using System.Net;
using System.Text.Json;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Clients;

namespace Registry.SearchService.Indexing;

/// <summary>Re-reads packages from PackageService.</summary>
internal sealed class PackagesClient
{
    private const int LongestAnswerBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http;

    public PackagesClient(HttpClient http)
    {
        http.MaxResponseContentBufferSize = LongestAnswerBytes;
        _http = http;
    }

    /// <summary>The packages' search documents as of now, in the packages' order. One that cannot be read does not spoil the others.</summary>
    /// <param name="packages">At most <see cref="SearchDocumentsRequest.Most"/>, each once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HttpRequestException">PackageService is not reachable, or not ready to answer.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task<IReadOnlyList<DocumentRead>> ReadAsync(IReadOnlyList<PackageKey> packages, CancellationToken cancellationToken)
    {
        try
        {
            var (documents, reason) = await AskAsync(packages, cancellationToken);
            if (documents is not null)
            {
                return [.. packages.Select(key => documents.TryGetValue(key, out var document) ? new DocumentRead.Found(document) : (DocumentRead)new DocumentRead.Absent())];
            }

            if (packages.Count == 1)
            {
                return [new DocumentRead.Unreadable(reason)];
            }
        }
        catch (TimeoutException) when (packages.Count > 1)
        {
            // Fewer may be ready in time.
        }

        var half = packages.Count / 2;
        return [.. await ReadAsync([.. packages.Take(half)], cancellationToken), .. await ReadAsync([.. packages.Skip(half)], cancellationToken)];
    }

    private async Task<(Dictionary<PackageKey, SearchDocumentResponse>? Documents, string Unreadable)> AskAsync(
        IReadOnlyList<PackageKey> packages, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(PackageRoutes.SearchDocuments, UriKind.Relative));
        request.Content = JsonContent.Create(new SearchDocumentsRequest(packages), options: RegistryJson.Options);
        request.Options.Set(ResilienceHandler.Repeatable, true);
        try
        {
            using var response = await _http.SendAsync(request, bounded.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => Parse(await response.Content.ReadAsByteArrayAsync(bounded.Token), packages),
                HttpStatusCode.BadRequest or HttpStatusCode.InternalServerError => (null, $"PackageService answered {(int)response.StatusCode}."),
                _ => throw new HttpRequestException($"PackageService answered {(int)response.StatusCode}.", null, response.StatusCode),
            };
        }
        catch (HttpRequestException tooLong) when (tooLong.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return (null, $"The answer is longer than {LongestAnswerBytes} bytes.");
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("PackageService did not answer in time.", late);
        }
    }

    private static (Dictionary<PackageKey, SearchDocumentResponse>? Documents, string Unreadable) Parse(byte[] body, IReadOnlyList<PackageKey> packages)
    {
        try
        {
            var documents = JsonSerializer.Deserialize<SearchDocumentsResponse>(body, RegistryJson.Options)?.Documents;
            return documents is not null && documents.All(document => document is { Readers: not null, Keywords: not null } && packages.Contains(KeyOf(document)))
                ? (documents.DistinctBy(KeyOf).ToDictionary(KeyOf), "")
                : (null, "The answer is not what was asked for.");
        }
        catch (JsonException unreadable)
        {
            return (null, unreadable.Message);
        }
    }

    private static PackageKey KeyOf(SearchDocumentResponse document) => new(document.Repository, document.Package);
}

/// <summary>What came of re-reading a package.</summary>
internal abstract record DocumentRead
{
    private DocumentRead()
    {
    }

    internal sealed record Found(SearchDocumentResponse Document) : DocumentRead;

    /// <summary>The package never existed.</summary>
    internal sealed record Absent : DocumentRead;

    /// <summary>An answer came, but not a document; the same may come again.</summary>
    internal sealed record Unreadable(string Reason) : DocumentRead;
}
