using System.Collections.Frozen;

using Registry.Contracts.Http;
using Registry.Standalone.Folder;
using Registry.Standalone.Processes;
using Registry.Standalone.Servers;

namespace Registry.Standalone.Hosting;

/// <summary>One replica of a service as a process of its own, started the way any orchestrator would: a program and its environment.</summary>
internal sealed class ServiceProcess(DataFolder folder, HostedService service, int replica, ServiceSettings settings, HealthProbe probe) : ServerProcess
{
    /// <summary>What the names of services' processes begin with.</summary>
    public const string Prefix = "service-";

    // What the runtime, telemetry, trust and credentials of clouds are configured by; the rest of our environment is our own affair.
    private static readonly string[] HandedOn = ["DOTNET_", "OTEL_", "SSL_CERT_", "AWS_", "TMPDIR", "TZ"];

    /// <inheritdoc/>
    public override string Name => NameOf(service.Name, replica);

    /// <inheritdoc/>
    public override string Title => replica == 0 ? $"the {service.Name} service" : $"the {service.Name} service, replica {replica + 1}";

    /// <inheritdoc/>
    public override int Port => new Uri(settings.AddressOf(service.Name, replica)).Port;

    /// <summary>The name of a replica's process, and of what is remembered of it; replicas count from 0.</summary>
    public static string NameOf(string service, int replica) => replica == 0 ? $"{Prefix}{service}" : $"{Prefix}{service}-{replica + 1}";

    /// <inheritdoc/>
    public override Task PrepareAsync(ServerAccount account, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override Launch Launch()
    {
        var mark = $"--registry-process={Name} --registry-data={folder.Root}";
        return new Launch
        {
            Command = [.. Program(), $"--contentRoot={AppContext.BaseDirectory}", .. mark.Split(' ', 2)],
            Folder = AppContext.BaseDirectory,
            Log = Path.Combine(folder.Logs, $"{Name[Prefix.Length..]}.log"),
            Mark = mark,
            Environment = EnvironmentOf(),
        };
    }

    /// <inheritdoc/>
    public override async Task<bool> AnswersAsync(CancellationToken cancellationToken) =>
        await probe.IsAliveAsync(settings.AddressOf(service.Name, replica), cancellationToken);

    private IEnumerable<string> Program()
    {
        var host = Environment.ProcessPath!;
        var library = service.Build.Method.DeclaringType!.Assembly.Location;
        return [Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", library];
    }

    private Dictionary<string, string> EnvironmentOf()
    {
        var environment = CleanEnvironment(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
        var upstreams = service.Name == ServiceNames.Packages ? settings.Upstreams.Variables() : FrozenSet<string>.Empty;
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (HandedOn.Any(start => name.StartsWith(start, StringComparison.Ordinal)) || upstreams.Contains(name))
            {
                environment[name] = (string?)variable.Value ?? "";
            }
        }

        foreach (var (key, value) in settings.ForProcess(service, replica))
        {
            if (value is not null)
            {
                environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
            }
        }

        return environment;
    }
}
