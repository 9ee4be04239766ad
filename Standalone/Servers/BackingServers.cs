using Registry.Contracts.Http;
using Registry.Standalone.Folder;
using Registry.Standalone.Hosting;
using Registry.Standalone.Logs;
using Registry.Standalone.Options;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>PostgreSQL and RabbitMQ: those the connection strings name, and private ones for the rest.</summary>
internal sealed class BackingServers
{
    private static readonly TimeSpan TrimInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan GivenServerLimit = TimeSpan.FromSeconds(30);

    /// <summary>In the order they end in: who uses another goes first.</summary>
    private static readonly (string Name, Signal Signal)[] StopOrder =
        [("rabbitmq", Signal.Terminate), ("epmd", Signal.Terminate), ("postgres", Signal.Interrupt)];

    private readonly List<SupervisedServer> _servers = [];

    /// <summary>How to reach PostgreSQL as an administrator; null when every database has a connection string of its own.</summary>
    public string? Postgres { get; private set; }

    /// <summary>How to reach RabbitMQ; null when there is no broker.</summary>
    public string? RabbitMq { get; private set; }

    /// <summary>Finds, adopts or starts them, and waits until they serve.</summary>
    /// <param name="host">Where they live.</param>
    /// <param name="options">Which are given.</param>
    /// <param name="source">Where the programs of the others come from.</param>
    /// <param name="meanwhile">What to do as soon as PostgreSQL serves: the broker takes several seconds more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<BackingServers> StartAsync(
        ServerHost host, RegistryOptions options, ServerSource source, Func<BackingServers, Task> meanwhile, CancellationToken cancellationToken)
    {
        var finder = new ServerFinder(host.Folder, options, source, host.Progress.Say);
        var found = await host.Progress.StepAsync(
            "Finding servers", () => finder.FindAsync(host.Instance.State.Programs.GetValueOrDefault("rabbitmq"), cancellationToken), Describe);
        foreach (var notice in found.Notices)
        {
            host.Progress.Say(notice);
        }

        var servers = new BackingServers();
        var broker = servers.StartRabbitMqAsync(host, options, found.RabbitMq, cancellationToken);
        await Task.WhenAll(WithPostgresAsync(), broker);
        return servers;

        async Task WithPostgresAsync()
        {
            await servers.StartPostgresAsync(host, options, found.Postgres, cancellationToken);
            await meanwhile(servers);
        }
    }

    /// <summary>Keeps the private ones up and their logs bounded, until cancelled.</summary>
    public Task WatchAsync(DataFolder folder, CancellationToken cancellationToken) =>
        Task.WhenAll([.. _servers.Select(server => server.WatchAsync(cancellationToken)), TrimLogsAsync(folder, cancellationToken)]);

    /// <summary>Ends every server process a directory remembers, also those left behind by a registry that was killed.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> StopAllAsync(InstanceFile instance)
    {
        var running = instance.State.Servers.Count(static server => server.Value.Process.IsAlive());
        await StopServicesAsync(instance);
        foreach (var (name, signal) in StopOrder)
        {
            await SupervisedServer.StopAsync(name, signal, instance);
        }

        return running;
    }

    /// <summary>
    /// Ends the services' own processes: the entries first, so that what is under way is let through to its end, then the others,
    /// which nobody asks any more.
    /// </summary>
    public static async Task StopServicesAsync(InstanceFile instance)
    {
        var names = instance.State.Servers.Keys.Where(static name => name.StartsWith(ServiceProcess.Prefix, StringComparison.Ordinal)).ToList();
        var entry = ServiceProcess.NameOf(ServiceNames.Gateway, 0);
        foreach (var group in names.GroupBy(name => !name.StartsWith(entry, StringComparison.Ordinal)).OrderBy(static group => group.Key))
        {
            await Task.WhenAll(group.Select(name => SupervisedServer.StopAsync(name, Signal.Terminate, instance, hurry: group.Key)));
        }
    }

    private static string Describe(FoundServers found) =>
        $"PostgreSQL {Where(found.Postgres, "by its connection string")}, RabbitMQ {Where(found.RabbitMq, found.Notices.Count > 0 ? "none" : "by its connection string")}";

    private static string Where(ServerPrograms? programs, string otherwise) => programs is null ? otherwise : $"{programs.Version} ({programs.Origin})";

    private async Task StartPostgresAsync(ServerHost host, RegistryOptions options, ServerPrograms? programs, CancellationToken cancellationToken)
    {
        if (programs is null)
        {
            Postgres = options.ConnectionString("postgres");
            await CheckGivenAsync(host, cancellationToken);
            return;
        }

        var port = host.PortFor("postgres", "postgres");
        var process = new PostgresProcess(host.Folder, programs, port, host.Secrets.Password("postgres"));
        Postgres = process.ConnectionString;
        await StartAsync(host, process, cancellationToken);
        host.Remember("postgres", programs);
    }

    private async Task CheckGivenAsync(ServerHost host, CancellationToken cancellationToken)
    {
        if (Postgres is null)
        {
            return;
        }

        await host.Progress.StepAsync("Reaching PostgreSQL", async () =>
        {
            var deadline = host.Clock.GetTimestamp();
            while (await PostgresProcess.AnswersAsync(Postgres, cancellationToken) is { } reason)
            {
                if (host.Clock.GetElapsedTime(deadline) > GivenServerLimit)
                {
                    throw new RefusedException($"The PostgreSQL server named by ConnectionStrings:postgres does not answer: {reason}");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500), host.Clock, cancellationToken);
            }

            return true;
        });
    }

    private async Task StartRabbitMqAsync(ServerHost host, RegistryOptions options, ServerPrograms? programs, CancellationToken cancellationToken)
    {
        if (programs is null)
        {
            RabbitMq = options.ConnectionString("rabbitmq");
            return;
        }

        var ports = new RabbitMqPorts(
            host.PortFor("rabbitmq", "rabbitmq"),
            host.PortFor("rabbitmq-distribution", "rabbitmq"),
            host.PortFor("epmd", "epmd"),
            options.RabbitMqManagement ? host.PortFor("rabbitmq-management", "rabbitmq") : null);
        var process = new RabbitMqProcess(host.Folder, programs, ports, host.Secrets.Password("rabbitmq"));
        RabbitMq = process.ConnectionString;
        await StartAsync(host, new PortMapperProcess(host.Folder, RabbitMqPrograms.FindPortMapper()!, ports.PortMapper), cancellationToken);
        await StartAsync(host, process, cancellationToken);
        host.Remember("rabbitmq", programs);
    }

    private async Task StartAsync(ServerHost host, ServerProcess process, CancellationToken cancellationToken)
    {
        var server = new SupervisedServer(process, host.Instance, host.Account, host.Clock, host.Logger);
        lock (_servers)
        {
            _servers.Add(server);
        }

        await host.Progress.StepAsync($"Starting {process.Title}", () => server.StartAsync(cancellationToken), static adopted => adopted ? "was running already" : "");
    }

    private static async Task TrimLogsAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TrimInterval);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var log in (string[])["postgres.log", "rabbitmq.log", "up.log"])
            {
                BoundedLog.Trim(Path.Combine(folder.Logs, log));
            }
        }
    }
}
