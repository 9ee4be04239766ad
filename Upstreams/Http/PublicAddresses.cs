using System.Net;
using System.Net.Sockets;

namespace Registry.Upstreams.Http;

/// <summary>Addresses that mean the same host to everybody. All others lead into somebody's own network, ours among them.</summary>
public static class PublicAddresses
{
    /// <summary>RFC 6890 and RFC 5771: this network, private, shared (CGNAT), loopback, link-local, protocol assignments, documentation, benchmarks, multicast, reserved.</summary>
    private static readonly IPNetwork[] NotPublic =
    [
        .. ((string[])[
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ]).Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Unicast = IPNetwork.Parse("2000::/3"); // all that was ever given out; ::1, fc00::/7, fe80::/10 and ff00::/8 are not
    private static readonly IPNetwork[] NotPublicIn2000 = [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32")]; // protocol assignments, Teredo among them, and documentation
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96"); // RFC 6052: an IPv4 address in the last four bytes
    private static readonly IPNetwork Tunnelled = IPNetwork.Parse("2002::/16"); // RFC 3056: an IPv4 address after the first two bytes

    /// <summary>Whether an address is one of them; an IPv4 address inside an IPv6 one is judged as itself.</summary>
    public static bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return Contains(address.MapToIPv4());
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !NotPublic.Any(network => network.Contains(address));
        }

        var bytes = address.GetAddressBytes();
        return Translated.Contains(address) ? Contains(new IPAddress(bytes.AsSpan(12)))
            : Tunnelled.Contains(address) ? Contains(new IPAddress(bytes.AsSpan(2, 4)))
            : Unicast.Contains(address) && !NotPublicIn2000.Any(network => network.Contains(address));
    }
}
