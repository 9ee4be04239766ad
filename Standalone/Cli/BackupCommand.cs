using System.CommandLine;

using Registry.Standalone.Backup;
using Registry.Standalone.Folder;
using Registry.Standalone.Hosting;
using Registry.Standalone.Options;
using Registry.Standalone.Processes;
using Registry.Standalone.Servers;

namespace Registry.Standalone.Cli;

/// <summary><c>backup</c> and <c>restore</c>: everything that cannot be made anew, in a folder.</summary>
internal static class BackupCommand
{
    private static readonly Argument<DirectoryInfo> Target = new("DIR") { Description = "The folder of the back-up" };

    /// <summary><c>backup</c>.</summary>
    public static Command Create()
    {
        var withoutBlobs = new Option<bool>("--without-blobs") { Description = "Leave out the bytes of packages, which are backed up otherwise" };
        var command = new Command("backup", "Copy the running registry's databases and blobs to a folder.") { Target, withoutBlobs };
        command.SetAction(async (line, cancellationToken) =>
        {
            var folder = DataFolder.Choose(line.GetValue(RegistryCommand.Data), out _);
            var target = line.GetRequiredValue(Target).FullName;
            var options = Options(folder);
            await new RegistryBackup(folder, options, NewProgress()).CreateAsync(target, !line.GetValue(withoutBlobs), cancellationToken);
            await Console.Out.WriteLineAsync($"The back-up is in {target}. Keep copies of {folder.Options}, {new UpstreamsFile(folder, options).Location} and {Path.Combine(folder.Secrets, "second-factor-key")} beside it, where there are such files: they may hold secrets.");
            return 0;
        });
        return command;
    }

    /// <summary><c>restore</c>.</summary>
    public static Command CreateRestore()
    {
        var replaceIndex = new Option<bool>("--replace-index") { Description = "Delete the search index that Elasticsearch still holds under the configured prefix" };
        var command = new Command("restore", "Copy a back-up into an empty registry that does not run.") { Target, replaceIndex };
        command.SetAction(async (line, cancellationToken) =>
        {
            var folder = DataFolder.Choose(line.GetValue(RegistryCommand.Data), out _);
            await RestoreAsync(folder, line.GetRequiredValue(Target).FullName, line.GetValue(replaceIndex), cancellationToken);
            await Console.Out.WriteLineAsync("Restored. Start it with ./registry up; what is searched for is indexed anew then.");
            return 0;
        });
        return command;
    }

    private static async Task RestoreAsync(DataFolder folder, string source, bool replacesIndex, CancellationToken cancellationToken)
    {
        var account = await ServerAccount.FindAsync(cancellationToken);
        folder.Create(account);
        using var held = await FolderLock.TryTakeAsync(folder, cancellationToken) ?? throw UpCommand.AlreadyRunning(folder);
        using var logging = LoggerFactory.Create(static logging => logging.SetMinimumLevel(LogLevel.None));
        var host = new ServerHost { Folder = folder, Instance = new InstanceFile(folder), Account = account, Progress = NewProgress(), Logger = logging.CreateLogger("restore") };
        var options = Options(folder);
        try
        {
            var servers = await BackingServers.StartAsync(host, options, ServerSources.FromEnvironment(), static _ => Task.CompletedTask, cancellationToken);
            var databases = await Databases.PrepareAsync(servers.Postgres, host.Secrets, options, cancellationToken);
            await Databases.MigrateAsync(databases);
            await new RegistryBackup(folder, options, host.Progress).RestoreAsync(source, databases, replacesIndex, cancellationToken);
        }
        finally
        {
            await BackingServers.StopAllAsync(host.Instance);
        }
    }

    private static RegistryOptions Options(DataFolder folder) => RegistryOptions.Load(folder, new Dictionary<string, string?>());

    private static Progress NewProgress() => new(Console.Error, TimeProvider.System);
}
