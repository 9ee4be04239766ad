using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Clients;

namespace Registry.Gateway.Downloads;

/// <summary>Tells PackageService what was downloaded.</summary>
internal sealed class DownloadsClient(HttpClient http)
{
    /// <summary>Sends a batch, which may be repeated.</summary>
    /// <returns>False when PackageService refuses the batch for good.</returns>
    /// <exception cref="HttpRequestException">PackageService could not be reached or did not take it now.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task<bool> SendAsync(DownloadBatch batch, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, PackageRoutes.Downloads) { Content = JsonContent.Create(batch, options: RegistryJson.Options) };
        message.Options.Set(ResilienceHandler.Repeatable, true);
        using var response = await http.SendAsync(message, cancellationToken);
        if (response.StatusCode == System.Net.HttpStatusCode.BadRequest)
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        return true;
    }
}
