using Registry.Contracts.Http.Packages;

namespace Registry.Web.Peers;

/// <summary>What Web asks PackageService.</summary>
internal sealed class PackageClient(HttpClient http)
{
    /// <summary>A package with its versions, as far as the caller may see it.</summary>
    public Task<Answer<PackageResponse>> GetAsync(string repository, string name, HttpContext caller, CancellationToken cancellationToken) =>
        PeerRequest.ReadAsync<PackageResponse>(
            http, $"api/v1/repositories/{Uri.EscapeDataString(repository)}/packages/{Uri.EscapeDataString(name)}", caller, cancellationToken);
}
