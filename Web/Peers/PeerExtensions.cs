using Registry.Contracts.Http;
using Registry.ServiceDefaults.Clients;

namespace Registry.Web.Peers;

/// <summary>Registers the clients of the services whose data the pages show.</summary>
internal static class PeerExtensions
{
    private const long MaxAnswerBytes = 32 << 20; // a package with ten thousand versions is about 3 MB

    public static void AddPeers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddPeer<PackageClient>(configuration, ServiceNames.Packages);
        services.AddPeer<SearchClient>(configuration, ServiceNames.Search);
    }

    private static void AddPeer<TClient>(this IServiceCollection services, IConfiguration configuration, string service)
        where TClient : class =>
        services.AddServiceClient<TClient>(configuration, service).ConfigureHttpClient(client => client.MaxResponseContentBufferSize = MaxAnswerBytes);
}
