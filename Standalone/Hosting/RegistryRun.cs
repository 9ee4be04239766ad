using System.Diagnostics;

using Registry.Contracts.Http;
using Registry.Standalone.Cli;
using Registry.Standalone.Folder;
using Registry.Standalone.Logs;
using Registry.Standalone.Options;
using Registry.Standalone.Processes;
using Registry.Standalone.Servers;

namespace Registry.Standalone.Hosting;

/// <summary>One run of the whole registry in this process: from an empty directory to serving, and to an orderly end.</summary>
internal sealed class RegistryRun(DataFolder folder, RegistryOptions options, ServerAccount account, Progress progress)
{
    private static readonly TimeSpan HealthLimit = TimeSpan.FromSeconds(90);
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly InstanceFile _instance = new(folder);

    /// <summary>Runs until cancelled. The caller holds the directory's lock.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var since = _clock.GetTimestamp();
        var listeners = Listeners.From(options);
        Remember(listeners); // first of all: from now on stop finds this process
        await BackingServers.StopServicesAsync(_instance); // left behind by a registry that was killed
        for (var replica = 0; replica < options.Replicas; replica++)
        {
            listeners.MovedBy(replica * ServiceSettings.PortsBetweenGateways).CheckFree();
        }

        var upstreams = new UpstreamsFile(folder, options);
        upstreams.Check();
        await upstreams.PrepareAsync(ProgramSearch.OnPath("npm") is null ? null : "npm", listeners, progress.Say, cancellationToken);
        await using var telemetry = ProcessTelemetry.Start();
        var hosts = new ServiceHosts(folder, progress.Terminal, _clock);
        try
        {
            using var logging = new FileLoggerProvider("standalone", hosts.Log("standalone"), progress.Terminal, _clock);
            var host = new ServerHost { Folder = folder, Instance = _instance, Account = account, Progress = progress, Logger = logging.CreateLogger("Standalone"), Clock = _clock };
            ServiceSettings? prepared = null;
            var servers = await BackingServers.StartAsync(
                host, options, ServerSources.FromEnvironment(), async servers => prepared = await PrepareAsync(host, servers, listeners, cancellationToken), cancellationToken);
            var settings = prepared!;
            using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var watch = servers.WatchAsync(folder, watching.Token);
            try
            {
                // From here on: a server that ends while services start is brought back too.
                await using var processes = new ServiceProcesses(folder, host, settings);
                await progress.StepAsync("Starting services", () => StartAsync(hosts, processes, settings, cancellationToken));
                await progress.StepAsync("Waiting for health", () => WaitForHealthAsync(settings, cancellationToken));
                await Welcome.PrintAsync(progress.Terminal, folder, listeners, settings, _clock.GetElapsedTime(since), cancellationToken);
                SetReady(settings);
                await Task.WhenAll(watch, processes.WatchAsync(watching.Token));
            }
            finally
            {
                // First: a server that is stopped below must not be started again.
                await watching.CancelAsync();
            }
        }
        finally
        {
            await hosts.DisposeAsync();
            await BackingServers.StopAllAsync(_instance);
            _instance.Change(static state => state with { Supervisor = null });
        }
    }

    private async Task<ServiceSettings> PrepareAsync(ServerHost host, BackingServers servers, Listeners listeners, CancellationToken cancellationToken)
    {
        var databases = await progress.StepAsync("Preparing databases", () => Databases.PrepareAsync(servers.Postgres, host.Secrets, options, cancellationToken));
        var settings = new ServiceSettings(folder, options, listeners)
        {
            Ports = HostedService.All
                .Where(static service => service.Name != ServiceNames.Gateway)
                .ToDictionary(static service => service.Name, PortsFor),
            Databases = databases,
            RabbitMq = servers.RabbitMq,
        };
        await progress.StepAsync("Migrating databases", () => MigrateAsync(databases));
        return settings;
    }

    private IReadOnlyList<int> PortsFor(HostedService service) =>
    [
        .. Enumerable.Range(0, ServiceProcesses.ReplicasOf(service, options.Replicas))
            .Select(replica => _instance.PortFor(ServiceProcess.NameOf(service.Name, replica), false, progress.Say)),
    ];

    private static async Task<bool> MigrateAsync(Dictionary<string, string> databases)
    {
        await Databases.MigrateAsync(databases);
        return true;
    }

    private async Task<bool> StartAsync(ServiceHosts hosts, ServiceProcesses processes, ServiceSettings settings, CancellationToken cancellationToken)
    {
        await (options.IsSeparate ? processes.StartAsync(cancellationToken) : hosts.StartAsync(settings, cancellationToken));
        return true;
    }

    private static async Task<bool> WaitForHealthAsync(ServiceSettings settings, CancellationToken cancellationToken)
    {
        await using var services = HealthProbe.CreateServices();
        await HealthProbe.Create(services).WaitAsync(settings.Addresses, HealthLimit, cancellationToken);
        return true;
    }

    private void Remember(Listeners listeners)
    {
        // Whatever the command line looks like, it names this program.
        var self = ProcessIdentity.Of(Environment.ProcessId, "Registry.Standalone") ?? throw new UnreachableException("This process runs.");
        _instance.Change(state => state with { Supervisor = new SupervisorState(self, _clock.GetUtcNow(), false, listeners.LocalUrls) });
    }

    private void SetReady(ServiceSettings settings) =>
        _instance.Change(state => state with { Supervisor = state.Supervisor! with { Ready = true, Addresses = settings.Addresses } });
}
