using System.Net;

using Microsoft.Extensions.Options;

using Registry.Upstreams.Http;

namespace Registry.PackageService.Features.Hooks;

/// <summary>An endpoint leads to where hooks may not go.</summary>
internal sealed class PrivateAddressException() : IOException("The endpoint has no public address.");

/// <summary>
/// Where hooks may go: to public addresses and the networks an operator allows, directly. Anybody with an account names an endpoint, and must not
/// have us ask what is inside our network.
/// </summary>
internal sealed class HookConnections(IOptions<HooksOptions> options)
{
    private readonly IReadOnlyList<IPNetwork> _allowed = options.Value.Networks;

    /// <summary>The address may be connected to.</summary>
    public bool Allows(IPAddress address) => PublicAddresses.Contains(address) || _allowed.Any(network => network.Contains(Plain(address)));

    /// <summary>A handler that goes there, follows nothing and remembers nothing.</summary>
    public SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        MaxResponseHeadersLength = 16,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        ConnectCallback = ConnectAsync,
        SslOptions = { CertificateChainPolicy = JudgedConnections.Certificates },
    };

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = Array.FindAll(await JudgedConnections.ResolveAsync(host, cancellationToken), Allows);
        return addresses.Length == 0 ? throw new PrivateAddressException() : await JudgedConnections.ConnectAsync(addresses, port, cancellationToken);
    }
}
