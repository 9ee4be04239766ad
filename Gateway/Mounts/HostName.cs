using System.Globalization;
using System.Net;
using System.Net.Sockets;

using Registry.Gateway.Caching;

namespace Registry.Gateway.Mounts;

/// <summary>A well-formed <c>Host</c>: a name or address in lower case and perhaps a port.</summary>
/// <param name="Name">Lower case; an IPv6 address in brackets.</param>
/// <param name="Port">The port when one was given.</param>
internal sealed record HostName(string Name, int? Port)
{
    private const int MaxLength = 255;

    private static readonly Readings<HostName?> Known = new(Read);

    private readonly string _withPort = string.Create(CultureInfo.InvariantCulture, $"{Name}:{Port}");

    public static int DefaultPort(string scheme) => scheme == "https" ? 443 : 80;

    /// <summary>Reads a host; null when it is malformed.</summary>
    public static HostName? Parse(string text) => Known.Of(text);

    /// <summary>The host as it appears in a URL: without the scheme's own port.</summary>
    public string Authority(string scheme) =>
        Port is null || Port == DefaultPort(scheme) ? Name : _withPort;

    private static HostName? Read(string text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return null;
        }

        var colon = text.LastIndexOf(':');
        var hasPort = colon >= 0 && !text.EndsWith(']');
        var name = hasPort ? text[..colon] : text;
        var port = hasPort ? PortOf(text[(colon + 1)..]) : null;
        return (hasPort && port is null) || !IsName(name) ? null : new HostName(name.ToLowerInvariant(), port);
    }

    private static int? PortOf(string digits) =>
        ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;

    private static bool IsName(string name) =>
        name.StartsWith('[')
            ? name.EndsWith(']') && IPAddress.TryParse(name, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && !name.Contains('%', StringComparison.Ordinal)
            : name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') && Uri.CheckHostName(name) is UriHostNameType.Dns or UriHostNameType.IPv4;
}
