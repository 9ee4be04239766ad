using Registry.Contracts.Http;
using Registry.Standalone.Folder;
using Registry.Standalone.Logs;
using Registry.Standalone.Processes;
using Registry.Standalone.Servers;

namespace Registry.Standalone.Hosting;

/// <summary>Every service in processes of its own, watched and started again like the servers behind them.</summary>
internal sealed class ServiceProcesses(DataFolder folder, ServerHost host, ServiceSettings settings) : IAsyncDisposable
{
    private static readonly TimeSpan TrimInterval = TimeSpan.FromMinutes(1);
    private readonly ServiceProvider _services = HealthProbe.CreateServices();
    private readonly List<SupervisedServer> _running = [];

    /// <summary>How many replicas of a service are started: one of Web, which keeps nothing, has no state and is asked little.</summary>
    public static int ReplicasOf(HostedService service, int wanted) => service.Name == ServiceNames.Web ? 1 : wanted;

    /// <summary>Starts all of them at once: each waits by itself for what it needs.</summary>
    /// <exception cref="RefusedException">One does not come up; the end of its log says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var probe = HealthProbe.Create(_services);
        foreach (var service in HostedService.All)
        {
            for (var replica = 0; replica < settings.ReplicasOf(service); replica++)
            {
                var process = new ServiceProcess(folder, service, replica, settings, probe);
                _running.Add(new SupervisedServer(process, host.Instance, ServerAccount.Ourselves, host.Clock, host.Logger));
            }
        }

        await Task.WhenAll(_running.Select(server => server.StartAsync(cancellationToken)));
    }

    /// <summary>Keeps them up and their logs bounded, until cancelled.</summary>
    public Task WatchAsync(CancellationToken cancellationToken) =>
        _running.Count == 0
            ? Task.CompletedTask
            : Task.WhenAll([.. _running.Select(server => server.WatchAsync(cancellationToken)), TrimLogsAsync(cancellationToken)]);

    private async Task TrimLogsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TrimInterval, host.Clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var server in _running)
            {
                BoundedLog.Trim(server.Server.Launch().Log);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
