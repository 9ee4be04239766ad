using System.Collections.Frozen;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

using Registry.Contracts.Http;
using Registry.Gateway.Mounts;

namespace Registry.Gateway;

/// <summary>Reads listeners and mounts from the options, noting every fault.</summary>
internal sealed class MountReader(List<string> faults, string scheme)
{
    private static readonly string[] KnownDialects = [Dialects.Npm, Dialects.Pantry, Dialects.Loft, Dialects.Native];

    public IReadOnlyList<Listener> ReadListeners(IReadOnlyDictionary<string, ListenerOptions> listeners) =>
        [.. listeners.OrderBy(pair => OrderOf(pair.Key)).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => ReadListener(pair.Key, pair.Value))];

    public IReadOnlyList<Mount> ReadMounts(IReadOnlyDictionary<string, MountOptions> options, IReadOnlyList<Listener> listeners)
    {
        var mounts = options.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => ReadMount(pair.Key, pair.Value, listeners)).ToList();
        foreach (var same in mounts.GroupBy(mount => (mount.Listener, mount.Host, mount.Prefix)).Where(group => group.Count() > 1))
        {
            if (same.Count() > 2 || !MountTable.MayShare(same.First(), same.Last()))
            {
                faults.Add($"Gateway:Mounts: {string.Join(" and ", same.Select(mount => mount.Name))} claim the same place");
            }
        }

        return mounts;
    }

    // The well-known listeners first, so that the first bound address is the web interface's.
    private static int OrderOf(string name) => Array.IndexOf(["web", "npm", "loft"], name) is var at and >= 0 ? at : int.MaxValue;

    private Listener ReadListener(string name, ListenerOptions options)
    {
        var key = $"Gateway:Listeners:{name}";
        var bindings = new List<Binding>();
        foreach (var text in options.Address.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (ReadBinding(text) is { } binding)
            {
                bindings.Add(binding);
            }
            else
            {
                faults.Add($"{key}:Address: '{text}' is not of the form {scheme}://address:port, where address is an IP address, localhost or *");
            }
        }

        if (options.Address.Length == 0)
        {
            faults.Add($"{key}:Address is missing");
        }

        return new Listener(name, bindings, ReadPublicUrl($"{key}:PublicUrl", options.PublicUrl), HostsOf(bindings));
    }

    private Mount ReadMount(string name, MountOptions options, IReadOnlyList<Listener> listeners)
    {
        var key = $"Gateway:Mounts:{name}";
        var namesRepository = options.Prefix.EndsWith($"/{Mount.RepositorySegment}/", StringComparison.Ordinal);
        Require(listeners.Any(listener => listener.Name == options.Listener), $"{key}:Listener: there is no listener '{options.Listener}'");
        Require(KnownDialects.Contains(options.Dialect, StringComparer.Ordinal), $"{key}:Dialect: '{options.Dialect}' is none of {string.Join(", ", KnownDialects)}");
        Require(IsPrefix(options.Prefix), $"{key}:Prefix: '{options.Prefix}' must begin and end with a slash, hold only a-z, 0-9, -, _ and . between them, and {Mount.RepositorySegment} only as its last segment");
        Require(!namesRepository || options.Repository is null, $"{key}:Repository: the prefix already names the repository");
        Require(options.Repository is null || RepositoryName.IsValid(options.Repository), $"{key}:Repository: '{options.Repository}' is not a name of a repository");
        var isLoft = options.Dialect == Dialects.Loft || options.Repository == DefaultMounts.LoftRepository;
        Require(!isLoft || options.Upstreams is not true, $"{key}:Upstreams: there are no upstreams for loft");
        Require(options.Host is null || HostName.Parse(options.Host) is { Port: null }, $"{key}:Host: '{options.Host}' is not a host name");
        return new Mount(
            name, options.Listener, options.Host?.ToLowerInvariant(), IsPrefix(options.Prefix) ? options.Prefix : "/", options.Dialect,
            namesRepository ? null : options.Repository ?? DefaultMounts.MainRepository, ReadPublicUrl($"{key}:PublicUrl", options.PublicUrl), options.Upstreams ?? !isLoft);
    }

    private void Require(bool condition, string fault)
    {
        if (!condition)
        {
            faults.Add(fault);
        }
    }

    private static bool IsPrefix(string prefix) =>
        prefix.StartsWith('/') && prefix.EndsWith('/')
        && (prefix.Length == 1 || prefix[1..^1].Split('/') is var segments
            && segments.Take(segments.Length - 1).All(RepositoryName.IsValid)
            && (segments[^1] == Mount.RepositorySegment || RepositoryName.IsValid(segments[^1])));

    private string? ReadPublicUrl(string key, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        Require(
            Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" },
            $"{key}: '{text}' is not an http or https URL without query");
        return text.TrimEnd('/');
    }

    // With a certificate every listener speaks TLS, and says so: a URL that lies about it would end up in documents.
    private Binding? ReadBinding(string text)
    {
        var plain = text.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(plain, UriKind.Absolute, out var url) || url is not { PathAndQuery: "/", Fragment: "", UserInfo: "" } || url.Scheme != scheme)
        {
            return null;
        }

        if (plain != text)
        {
            return new Binding(IPAddress.IPv6Any, url.Port);
        }

        return url.Host == "localhost" ? url.Port > 0 ? new Binding(null, url.Port) : null
            : IPAddress.TryParse(url.Host, out var address) ? new Binding(address, url.Port)
            : null;
    }

    private static FrozenSet<string> HostsOf(IEnumerable<Binding> bindings) =>
        bindings.SelectMany(binding => binding.Address switch
        {
            null => Loopback,
            { } any when any.Equals(IPAddress.Any) || any.Equals(IPAddress.IPv6Any) => [.. Loopback, .. OwnAddresses(), Dns.GetHostName().ToLowerInvariant()],
            { } loopback when IPAddress.IsLoopback(loopback) => Loopback,
            { } one => [Text(one)],
        }).ToFrozenSet(StringComparer.Ordinal);

    private static string[] Loopback => ["127.0.0.1", "localhost", "[::1]"];

    private static IEnumerable<string> OwnAddresses() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Where(unicast => !unicast.Address.IsIPv6LinkLocal)
            .Select(unicast => Text(unicast.Address));

    private static string Text(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
}
