using System.CommandLine;
using System.Globalization;

using Registry.Standalone.Folder;
using Registry.Standalone.Hosting;
using Registry.Standalone.Options;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Cli;

/// <summary><c>up</c>: starts everything and stays, or goes to the background.</summary>
internal static class UpCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var port = new Option<int?>("--port") { Description = "The first of three ports: web, npm and pantry, loft (default: 8080, 3000, 3030)", HelpName = "N" };
        var bind = new Option<string?>("--bind") { Description = "The address to listen on (default: 127.0.0.1)", HelpName = "ADDR" };
        var services = new Option<bool>("--services") { Description = "Run every service as a process of its own" };
        var replicas = new Option<int?>("--replicas") { Description = "How many of each, with --services (default: 1)", HelpName = "N" };
        var background = new Option<bool>("--background") { Description = "Return when the registry is ready, and let it run" };
        var command = new Command("up", "Start the registry.") { port, bind, services, replicas, background };
        command.SetAction(async (line, cancellationToken) =>
        {
            var folder = DataFolder.Choose(line.GetValue(RegistryCommand.Data), out var notice);
            var asked = new Dictionary<string, string?>
            {
                ["Port"] = line.GetValue(port)?.ToString(CultureInfo.InvariantCulture),
                ["Bind"] = line.GetValue(bind),
                ["Services"] = line.GetValue(services) ? "true" : null,
                ["Replicas"] = line.GetValue(replicas)?.ToString(CultureInfo.InvariantCulture),
            };
            if (notice is not null)
            {
                await Console.Out.WriteLineAsync($"  {notice}");
            }

            return line.GetValue(background)
                ? await new BackgroundStart(folder, asked).RunAsync(cancellationToken)
                : await RunAsync(folder, asked, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(DataFolder folder, Dictionary<string, string?> asked, CancellationToken cancellationToken)
    {
        var account = await ServerAccount.FindAsync(cancellationToken);
        folder.Create(account);
        using var held = await FolderLock.TryTakeAsync(folder, cancellationToken);
        if (held is null)
        {
            throw AlreadyRunning(folder);
        }

        var options = RegistryOptions.Load(folder, asked);
        var progress = new Progress(Console.Out, TimeProvider.System);
        try
        {
            await new RegistryRun(folder, options, account, progress).RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            progress.Say("Stopped.");
        }

        return 0;
    }

    /// <summary>The refusal to manage a directory twice.</summary>
    public static RefusedException AlreadyRunning(DataFolder folder)
    {
        var running = InstanceFile.Load(folder).Supervisor;
        return new RefusedException(running is null
            ? $"Another ./registry command is at work on {folder.Root}: try again in a moment."
            : $"The registry is already running on {folder.Root} (process {running.Process.Pid}) at {running.Urls.GetValueOrDefault("web")}/: stop it with ./registry stop, or start another with --data and --port.");
    }
}
