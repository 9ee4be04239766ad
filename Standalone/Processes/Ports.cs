using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Registry.Standalone.Processes;

/// <summary>Listening ports.</summary>
internal static class Ports
{
    /// <summary>
    /// Below the range systems hand out to outgoing connections (32768 and up on Linux): there a client's own socket can
    /// take the port of a server that is being restarted.
    /// </summary>
    public const int Ceiling = 32768;

    private const int Floor = 20000;
    private const int Attempts = 500;

    /// <summary>True when nothing listens there and we could.</summary>
    public static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A free loopback port that is not among those already taken by name.</summary>
    /// <remarks>Starts at a random place, so that two registries started at once seldom want the same.</remarks>
    public static int Choose(IReadOnlyCollection<int> taken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(Floor, Ceiling);
            if (!taken.Contains(port) && IsFree(IPAddress.Loopback, port))
            {
                return port;
            }
        }

        throw new RefusedException($"No free port was found between {Floor} and {Ceiling - 1}.");
    }
}
