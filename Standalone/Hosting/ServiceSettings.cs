using System.Globalization;

using Registry.Contracts.Http;
using Registry.ServiceDefaults;
using Registry.Standalone.Folder;
using Registry.Standalone.Options;

namespace Registry.Standalone.Hosting;

/// <summary>The settings each hosted service gets: the operator's options, and what this process decides for it.</summary>
internal sealed class ServiceSettings(DataFolder folder, RegistryOptions options, Listeners listeners)
{
    private readonly Secrets _secrets = new(folder);

    /// <summary>Where packages come from that are not published here.</summary>
    public UpstreamsFile Upstreams { get; } = new(folder, options);

    /// <summary>How far apart the ports of the Gateway's replicas are.</summary>
    public const int PortsBetweenGateways = 100;

    /// <summary>Loopback ports by service, one for each replica; the Gateway has listeners instead.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<int>> Ports { get; init; }

    /// <summary>Connection strings by database.</summary>
    public required IReadOnlyDictionary<string, string> Databases { get; init; }

    /// <summary>How to reach RabbitMQ; null when there is no broker.</summary>
    public required string? RabbitMq { get; init; }

    /// <summary>How many replicas of a service there are.</summary>
    public int ReplicasOf(HostedService service) => ServiceProcesses.ReplicasOf(service, options.Replicas);

    /// <summary>Where a replica of a service listens; replicas count from 0.</summary>
    public string AddressOf(string service, int replica = 0) =>
        service == ServiceNames.Gateway
            ? ListenersOf(replica).LocalUrls["web"]
            : string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports[service][replica]}");

    /// <summary>Where every replica of every service listens.</summary>
    public Dictionary<string, string[]> Addresses =>
        HostedService.All.ToDictionary(
            static service => service.Name,
            service => Enumerable.Range(0, ReplicasOf(service)).Select(replica => AddressOf(service.Name, replica)).ToArray());

    /// <summary>All settings of a service that this process hosts.</summary>
    public Dictionary<string, string?> For(HostedService service)
    {
        var settings = Common(service, 0);
        settings[Telemetry.SharedProcessSetting] = "false";
        settings["Drain:Delay"] = "00:00:00"; // they end one after the other, the entry first: nobody is left to warn
        return settings;
    }

    /// <summary>All settings of a service that is a process of its own. Its terminal is its log file.</summary>
    public Dictionary<string, string?> ForProcess(HostedService service, int replica)
    {
        var settings = Common(service, replica);
        settings["Logging:Console:LogLevel:Default"] = null;
        settings["Logging:Console:FormatterName"] = "simple";
        settings["Logging:Console:FormatterOptions:SingleLine"] = "true";
        settings["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true";
        settings["Logging:Console:FormatterOptions:TimestampFormat"] = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        return settings;
    }

    private Dictionary<string, string?> Common(HostedService service, int replica)
    {
        var settings = Defaults();
        foreach (var (key, value) in options.Values.Where(static entry => OptionTable.Find(entry.Key)?.IsStandalone == false))
        {
            settings[key] = value;
        }

        settings["Accounts:Exposed"] = options.IsExposed ? "true" : "false";
        settings["Accounts:SetupToken"] = _secrets.SetupToken;
        settings["Assertions:GatewayKey"] = _secrets.GatewayKey;
        settings["Assertions:ServicesKey"] = _secrets.ServicesKey;
        foreach (var other in HostedService.All)
        {
            for (var i = 0; i < ReplicasOf(other); i++)
            {
                settings[string.Create(CultureInfo.InvariantCulture, $"services:{other.Name}:http:{i}")] = AddressOf(other.Name, i);
            }
        }

        AddOwn(settings, service, replica);
        return settings;
    }

    private Listeners ListenersOf(int replica) => listeners.MovedBy(replica * PortsBetweenGateways);

    private void AddOwn(Dictionary<string, string?> settings, HostedService service, int replica)
    {
        settings["ConnectionStrings:rabbitmq"] = RabbitMq;
        if (service.Database is { } database)
        {
            settings[$"ConnectionStrings:{database}"] = Databases[database];
        }

        if (service.Name == ServiceNames.Auth)
        {
            settings.TryAdd("SecondFactor:Key", _secrets.SecondFactorKey);
        }

        if (service.Name == ServiceNames.Storage)
        {
            settings["ConnectionStrings:s3"] = options.ConnectionString("s3");
        }

        if (service.Name == ServiceNames.Packages)
        {
            settings["Upstreams:File"] = Upstreams.Location;
        }

        if (service.Name == ServiceNames.Search)
        {
            settings["ConnectionStrings:elasticsearch"] = options["ConnectionStrings:elasticsearch"];
        }

        if (service.Name != ServiceNames.Gateway)
        {
            settings["urls"] = AddressOf(service.Name, replica);
            return;
        }

        if (options.ConnectionString("s3") is null)
        {
            settings.TryAdd("Gateway:BlobFolder", settings["Storage:Path"]); // the same machine, so the same folder
        }

        foreach (var (name, address) in ListenersOf(replica).Addresses)
        {
            settings[$"Gateway:Listeners:{name}:Address"] = address;
        }

        if (options["PublicUrl"] is { } publicUrl)
        {
            settings["Gateway:Listeners:web:PublicUrl"] = publicUrl;
        }
    }

    /// <summary>The terminal belongs to the operator: services write to their log files instead.</summary>
    private Dictionary<string, string?> Defaults() =>
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["Storage:Path"] = folder.Blobs,
            ["Logging:LogLevel:Default"] = nameof(LogLevel.Information),
            ["Logging:LogLevel:Microsoft"] = nameof(LogLevel.Warning),
            ["Logging:LogLevel:System"] = nameof(LogLevel.Warning),
            ["Logging:LogLevel:Yarp"] = nameof(LogLevel.Warning),
            ["Logging:LogLevel:MassTransit"] = nameof(LogLevel.Warning),
            ["Logging:Console:LogLevel:Default"] = nameof(LogLevel.None),
        };
}
