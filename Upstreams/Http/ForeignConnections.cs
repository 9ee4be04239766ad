using System.Net;
using System.Net.Sockets;

namespace Registry.Upstreams.Http;

/// <summary>
/// Connections to hosts that a registry names and that are not its own. They go to public addresses only, or a registry could have us ask
/// what is inside our network. The address that was judged is the one connected to: a name cannot change its mind in between.
/// </summary>
internal sealed class ForeignConnections(RegistryConfig config, Func<Uri, bool> isProxied)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await ResolveAsync(host, cancellationToken);
        if (!IsToProxy(context.InitialRequestMessage) && !await MayBeInsideAsync(host, cancellationToken))
        {
            addresses = Array.FindAll(addresses, PublicAddresses.Contains);
        }

        if (addresses.Length == 0)
        {
            throw new RegistryException(config.Name, RegistryFailure.BadAnswer, $"leads to '{host}', which has no public address; only hosts named in tarballHosts may be inside the same network.");
        }

        return await JudgedConnections.ConnectAsync(addresses, port, cancellationToken);
    }

    /// <summary>Then the address is the proxy's own: the one it goes to cannot be judged here. To an HTTP proxy a tunnel is asked for, to any other nothing.</summary>
    private bool IsToProxy(HttpRequestMessage request) => request.Method == HttpMethod.Connect || isProxied(request.RequestUri!);

    /// <summary>A company's mirror and the company's file server are in one network: there, and only by name.</summary>
    private async Task<bool> MayBeInsideAsync(string host, CancellationToken cancellationToken) =>
        config.TarballHosts is { } names && HostNames.Includes(names, host.Trim('[', ']'))
        && !Array.Exists(await ResolveAsync(config.Url.IdnHost, cancellationToken), PublicAddresses.Contains);

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await JudgedConnections.ResolveAsync(host, cancellationToken);
        }
        catch (SocketException unknown)
        {
            throw new RegistryException(config.Name, RegistryFailure.Unreachable, $"leads to '{host}', a name that cannot be resolved.", unknown);
        }
    }
}
