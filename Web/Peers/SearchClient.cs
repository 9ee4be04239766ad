using System.Globalization;

using Registry.Contracts.Http.Search;

namespace Registry.Web.Peers;

/// <summary>What Web asks SearchService.</summary>
internal sealed class SearchClient(HttpClient http)
{
    /// <summary>A page of results, of what the caller may see.</summary>
    public Task<Answer<SearchResponse>> SearchAsync(string text, int from, int size, HttpContext caller, CancellationToken cancellationToken) =>
        PeerRequest.ReadAsync<SearchResponse>(
            http,
            string.Create(CultureInfo.InvariantCulture, $"api/v1/search?q={Uri.EscapeDataString(text)}&from={from}&size={size}"),
            caller,
            cancellationToken);
}
