using System.Net;

namespace Registry.Gateway.Mounts;

/// <summary>The proxies in front of us whose word about the client is taken.</summary>
internal sealed class TrustedProxies(IReadOnlyList<IPNetwork> networks)
{
    private const int MaxHops = 32;

    /// <summary>True when the connection comes from a trusted proxy.</summary>
    public bool Trusts(IPAddress? peer) => networks.Count > 0 && peer is not null && networks.Any(network => network.Contains(Plain(peer)));

    /// <summary>
    /// The client's address: the peer's, or behind trusted proxies the last address in <c>X-Forwarded-For</c> that is
    /// not itself a trusted proxy. Everything to the left of it may be made up.
    /// </summary>
    public string? ClientAddress(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } peer)
        {
            return null;
        }

        var address = Plain(peer);
        if (Trusts(address))
        {
            var hops = context.Request.Headers["X-Forwarded-For"].ToString().Split(',', StringSplitOptions.TrimEntries);
            foreach (var hop in hops.Reverse().Take(MaxHops))
            {
                if (!IPAddress.TryParse(hop, out var next))
                {
                    break;
                }

                address = Plain(next);
                if (!Trusts(address))
                {
                    break;
                }
            }
        }

        return address.ToString();
    }

    /// <summary>What the nearest trusted proxy said in a forwarded header; null when none is trusted or nothing was said.</summary>
    public string? Said(HttpContext context, string header)
    {
        if (networks.Count == 0 || !Trusts(context.Connection.RemoteIpAddress))
        {
            return null;
        }

        var last = context.Request.Headers[header].ToString().Split(',')[^1].Trim();
        return last.Length > 0 ? last : null;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
