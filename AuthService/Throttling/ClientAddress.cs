using System.Net;
using System.Net.Sockets;

namespace Registry.AuthService.Throttling;

/// <summary>The client's address as limits need it.</summary>
internal static class ClientAddress
{
    private const int NetworkBytesOfIPv6 = 8;

    public static IPAddress? Parse(string? text) =>
        !IPAddress.TryParse(text, out var address) ? null
        : address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address;

    /// <summary>
    /// Whom failures are counted against: an IPv4 address, or the /64 of an IPv6 address, because whoever has one
    /// address of a /64 has them all. Clients without a known address share one counter.
    /// </summary>
    public static string ThrottleKey(string? text)
    {
        if (Parse(text) is not { } address)
        {
            return "unknown";
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"{new IPAddress([.. address.GetAddressBytes()[..NetworkBytesOfIPv6], .. new byte[NetworkBytesOfIPv6]])}/64"
            : address.ToString();
    }

    /// <summary>Reads a range in CIDR notation, or a single address, into CIDR notation; null when it is neither.</summary>
    public static string? NormaliseRange(string text) =>
        IPNetwork.TryParse(text, out var network) ? network.ToString()
        : Parse(text) is { } address ? $"{address}/{address.GetAddressBytes().Length * 8}"
        : null;

    public static bool IsWithin(string? text, IReadOnlyCollection<string> ranges) =>
        Parse(text) is { } address && ranges.Any(range => IPNetwork.Parse(range).Contains(address));
}
