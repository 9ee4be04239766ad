using System.Net.Http.Json;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Tests.Running;

/// <summary>Asks what search is told.</summary>
internal static class SearchDocuments
{
    /// <summary>The documents of packages of the main repository.</summary>
    public static async Task<IReadOnlyList<SearchDocumentResponse>> SearchDocumentsAsync(this HttpClient client, params string[] names)
    {
        using var response = await client.PostAsJsonAsync(
            PackageRoutes.SearchDocuments, new SearchDocumentsRequest([.. names.Select(name => new PackageKey("main", name))]), RegistryJson.Options);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<SearchDocumentsResponse>(RegistryJson.Options))!.Documents;
    }
}
