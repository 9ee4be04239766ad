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

    /// <summary>Loopback ports by service.</summary>
    public required IReadOnlyDictionary<string, int> Ports { get; init; }

    /// <summary>Connection strings by database.</summary>
    public required IReadOnlyDictionary<string, string> Databases { get; init; }

    /// <summary>How to reach RabbitMQ; null when there is no broker.</summary>
    public required string? RabbitMq { get; init; }

    /// <summary>Where a service listens.</summary>
    public string AddressOf(string service) =>
        service == ServiceNames.Gateway ? listeners.LocalUrls["web"] : string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports[service]}");

    /// <summary>All settings of a service.</summary>
    public Dictionary<string, string?> For(HostedService service)
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
        settings[Telemetry.SharedProcessSetting] = "false";
        foreach (var (name, _) in Ports)
        {
            settings[$"services:{name}:http:0"] = AddressOf(name);
        }

        settings[$"services:{ServiceNames.Gateway}:http:0"] = AddressOf(ServiceNames.Gateway);
        AddOwn(settings, service);
        return settings;
    }

    private void AddOwn(Dictionary<string, string?> settings, HostedService service)
    {
        settings["ConnectionStrings:rabbitmq"] = RabbitMq;
        if (service.Database is { } database)
        {
            settings[$"ConnectionStrings:{database}"] = Databases[database];
        }

        if (service.Name == ServiceNames.Search)
        {
            settings["ConnectionStrings:elasticsearch"] = options["ConnectionStrings:elasticsearch"];
        }

        if (service.Name != ServiceNames.Gateway)
        {
            settings["urls"] = AddressOf(service.Name);
            return;
        }

        foreach (var (name, address) in listeners.Addresses)
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
