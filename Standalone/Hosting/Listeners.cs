using System.Globalization;
using System.Net;

using Registry.Standalone.Options;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Hosting;

/// <summary>The public listeners: their addresses to bind, and the URLs to reach them by from this machine.</summary>
internal sealed class Listeners
{
    private static readonly (string Name, int Port)[] Usual = [("web", 8080), ("npm", 3000), ("loft", 3030)];

    private Listeners(Dictionary<string, string> addresses) => Addresses = addresses;

    /// <summary>Addresses to bind, by listener.</summary>
    public Dictionary<string, string> Addresses { get; }

    /// <summary>URLs that work on this machine, by listener.</summary>
    public Dictionary<string, string> LocalUrls =>
        Addresses.ToDictionary(static entry => entry.Key, static entry => Local(BindingAddress.Parse(entry.Value.Split(';')[0])));

    /// <summary>What the options ask for. The address of a single listener, where given, wins over port and bind address.</summary>
    public static Listeners From(RegistryOptions options)
    {
        var host = options.Bind switch
        {
            "localhost" => "127.0.0.1",
            { } bind => bind.Contains(':', StringComparison.Ordinal) ? $"[{bind}]" : bind,
        };
        var scheme = options.UsesTls ? "https" : "http";
        return new Listeners(Usual
            .Select((listener, index) => (
                listener.Name,
                Address: options[$"Gateway:Listeners:{listener.Name}:Address"] ?? $"{scheme}://{host}:{(options.Port is { } first ? first + index : listener.Port)}"))
            .ToDictionary(static listener => listener.Name, static listener => listener.Address));
    }

    /// <summary>The listeners of another replica: the same addresses, their ports moved up.</summary>
    public Listeners MovedBy(int ports) =>
        ports == 0
            ? this
            : new Listeners(Addresses.ToDictionary(
                static entry => entry.Key,
                entry => string.Join(';', entry.Value.Split(';').Select(address => MovedBy(BindingAddress.Parse(address), ports)))));

    /// <summary>Refuses to start when somebody else has one of the ports.</summary>
    public void CheckFree()
    {
        foreach (var (name, addresses) in Addresses)
        {
            foreach (var address in addresses.Split(';').Select(BindingAddress.Parse))
            {
                CheckFree(name, address);
            }
        }
    }

    private static void CheckFree(string name, BindingAddress address)
    {
        var host = address.Host switch
        {
            "*" => IPAddress.Any,
            "localhost" => IPAddress.Loopback,
            { } text => IPAddress.Parse(text.Trim('[', ']')),
        };
        if (!Ports.IsFree(host, address.Port))
        {
            throw new RefusedException(
                $"Port {address.Port} on {address.Host}, for the {name} listener, cannot be used: another program has it, or the address is not this machine's. "
                + "Choose other ports with --port N (N, N+1 and N+2 are used).");
        }
    }

    private static string MovedBy(BindingAddress address, int ports) =>
        address.Port + ports <= IPEndPoint.MaxPort
            ? string.Create(CultureInfo.InvariantCulture, $"{address.Scheme}://{address.Host}:{address.Port + ports}")
            : throw new RefusedException($"There is no port {address.Port + ports}, which a replica would need: choose lower ports with --port N, or fewer replicas.");

    private static string Local(BindingAddress address)
    {
        var host = address.Host switch
        {
            "*" or "0.0.0.0" => "127.0.0.1",
            "[::]" => "[::1]",
            { } own => own,
        };
        return string.Create(CultureInfo.InvariantCulture, $"{address.Scheme}://{host}:{address.Port}");
    }
}
