using System.CommandLine;

using Registry.Standalone.Folder;
using Registry.Standalone.Options;
using Registry.Standalone.Processes;
using Registry.Standalone.Servers;

namespace Registry.Standalone.Cli;

/// <summary><c>servers</c>: the backing servers alone, for whatever else wants to use them. Nobody restarts them then.</summary>
internal static class ServersCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var up = new Command("up", "Start them and print their connection strings, for eval \"$(./registry servers up)\".");
        up.SetAction(async (line, cancellationToken) =>
        {
            var folder = DataFolder.Choose(line.GetValue(RegistryCommand.Data), out var notice);
            var progress = new Progress(Console.Error, TimeProvider.System);
            if (notice is not null)
            {
                progress.Say(notice);
            }

            var (postgres, rabbitMq) = await UpAsync(folder, progress, cancellationToken);
            await PrintAsync("postgres", postgres);
            await PrintAsync("rabbitmq", rabbitMq);
            return 0;
        });
        var down = new Command("down", "Stop them.");
        down.SetAction(async (line, cancellationToken) =>
        {
            await DownAsync(DataFolder.Choose(line.GetValue(RegistryCommand.Data), out _), cancellationToken);
            await Console.Error.WriteLineAsync("Stopped.");
            return 0;
        });
        return new Command("servers", "PostgreSQL and RabbitMQ alone.") { up, down };
    }

    /// <summary>Starts private servers where no connection strings are given.</summary>
    /// <returns>How to reach them; null for a broker that cannot be had.</returns>
    public static async Task<(string? Postgres, string? RabbitMq)> UpAsync(DataFolder folder, Progress progress, CancellationToken cancellationToken)
    {
        var account = await ServerAccount.FindAsync(cancellationToken);
        folder.Create(account);
        using var held = await FolderLock.TryTakeAsync(folder, cancellationToken) ?? throw UpCommand.AlreadyRunning(folder);
        var instance = new InstanceFile(folder);
        using var logging = LoggerFactory.Create(static logging => logging.SetMinimumLevel(LogLevel.None));
        var host = new ServerHost { Folder = folder, Instance = instance, Account = account, Progress = progress, Logger = logging.CreateLogger("servers") };
        try
        {
            var servers = await BackingServers.StartAsync(host, RegistryOptions.Load(folder, new Dictionary<string, string?>()), ServerSources.FromEnvironment(), static _ => Task.CompletedTask, cancellationToken);
            return (servers.Postgres, servers.RabbitMq);
        }
        catch (Exception)
        {
            await BackingServers.StopAllAsync(instance);
            throw;
        }
    }

    /// <summary>Ends them, unless a registry uses them.</summary>
    public static async Task DownAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        if (!File.Exists(folder.Instance))
        {
            return;
        }

        using var held = await FolderLock.TryTakeAsync(folder, cancellationToken) ?? throw UpCommand.AlreadyRunning(folder);
        await BackingServers.StopAllAsync(new InstanceFile(folder));
    }

    private static Task PrintAsync(string name, string? connectionString) =>
        connectionString is null
            ? Task.CompletedTask
            : Console.Out.WriteLineAsync($"export ConnectionStrings__{name}='{connectionString.Replace("'", "'\\''", StringComparison.Ordinal)}'");
}
