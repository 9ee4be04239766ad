using System.Net;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Indexing;

/// <summary>Re-reads packages from PackageService.</summary>
internal sealed class PackagesClient(HttpClient http)
{
    /// <summary>What search should know of a package; null when it never existed.</summary>
    /// <exception cref="HttpRequestException">PackageService is not reachable or failed.</exception>
    public async Task<SearchDocumentResponse?> ReadAsync(string repository, string package, CancellationToken cancellationToken)
    {
        var query = $"?repository={Uri.EscapeDataString(repository)}&package={Uri.EscapeDataString(package)}";
        using var response = await http.GetAsync(new Uri(PackageRoutes.SearchDocument + query, UriKind.Relative), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<SearchDocumentResponse>(RegistryJson.Options, cancellationToken);
    }
}
