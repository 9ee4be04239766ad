using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Registry.Upstreams.Http;

/// <summary>
/// Connections to hosts that somebody else has named. A name is resolved once, its addresses are judged, and one of those that passed is connected
/// to: a name cannot change its mind in between.
/// </summary>
public static class JudgedConnections
{
    /// <summary>
    /// Judges a server by the certificates it sends, as npm does. One that lacks its issuer's may say where to fetch it from (RFC 5280, 4.2.2.1), which
    /// .NET does before anybody has vouched for it, whatever address that is, and while a thread waits.
    /// </summary>
    public static X509ChainPolicy Certificates => new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };

    /// <summary>The addresses of a host; the host itself when it is one.</summary>
    /// <exception cref="SocketException">The name cannot be resolved.</exception>
    public static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken);

    /// <summary>Connects to one of the addresses, in their order.</summary>
    /// <exception cref="SocketException">None can be reached.</exception>
    public static async Task<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        Socket? socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            socket = null;
            return stream;
        }
        finally
        {
            socket?.Dispose();
        }
    }
}
