using System.Net;
using System.Text.Json;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Indexing;

/// <summary>Re-reads packages from PackageService.</summary>
internal sealed class PackagesClient
{
    private const int LongestDocumentBytes = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http;

    public PackagesClient(HttpClient http)
    {
        http.MaxResponseContentBufferSize = LongestDocumentBytes;
        _http = http;
    }

    /// <summary>The package's search document as of now.</summary>
    /// <exception cref="HttpRequestException">PackageService is not reachable, or not ready to answer.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task<DocumentRead> ReadAsync(string repository, string package, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        var target = $"{PackageRoutes.SearchDocument}?repository={Uri.EscapeDataString(repository)}&package={Uri.EscapeDataString(package)}";
        try
        {
            using var response = await _http.GetAsync(new Uri(target, UriKind.Relative), bounded.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => Parse(await response.Content.ReadAsByteArrayAsync(bounded.Token), repository, package),
                HttpStatusCode.NotFound => new DocumentRead.Absent(),
                HttpStatusCode.BadRequest or HttpStatusCode.InternalServerError =>
                    new DocumentRead.Unreadable($"PackageService answered {(int)response.StatusCode}."),
                _ => throw new HttpRequestException($"PackageService answered {(int)response.StatusCode}.", null, response.StatusCode),
            };
        }
        catch (HttpRequestException tooLong) when (tooLong.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return new DocumentRead.Unreadable($"The document is longer than {LongestDocumentBytes} bytes.");
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("PackageService did not answer in time.", late);
        }
    }

    private static DocumentRead Parse(byte[] body, string repository, string package)
    {
        try
        {
            var document = JsonSerializer.Deserialize<SearchDocumentResponse>(body, RegistryJson.Options);
            return document is { Readers: not null, Keywords: not null } && document.Repository == repository && document.Package == package
                ? new DocumentRead.Found(document)
                : new DocumentRead.Unreadable("The answer is not the document of this package.");
        }
        catch (JsonException unreadable)
        {
            return new DocumentRead.Unreadable(unreadable.Message);
        }
    }
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
