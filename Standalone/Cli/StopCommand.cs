using System.CommandLine;

using Registry.Standalone.Folder;
using Registry.Standalone.Processes;
using Registry.Standalone.Servers;

namespace Registry.Standalone.Cli;

/// <summary><c>stop</c>: ends everything <c>up</c> started, and nothing else; also what a killed <c>up</c> left behind.</summary>
internal static class StopCommand
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(90);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("stop", "Stop the registry and the servers it started.");
        command.SetAction(async (line, cancellationToken) =>
        {
            var folder = DataFolder.Choose(line.GetValue(RegistryCommand.Data), out _);
            return await RunAsync(folder, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        if (!File.Exists(folder.Instance))
        {
            await Console.Out.WriteLineAsync($"The registry is not running on {folder.Root}.");
            return 0;
        }

        var wasRunning = await StopSupervisorAsync(folder);
        using var held = await FolderLock.TryTakeAsync(folder, cancellationToken) ?? throw UpCommand.AlreadyRunning(folder);
        var instance = new InstanceFile(folder);
        var leftBehind = await BackingServers.StopAllAsync(instance);
        instance.Change(static state => state with { Supervisor = null });
        await Console.Out.WriteLineAsync((wasRunning, leftBehind) switch
        {
            (true, _) => "Stopped.",
            (_, > 0) => $"The registry was not running; {leftBehind} server processes it had left behind are stopped.",
            _ => $"The registry is not running on {folder.Root}.",
        });
        return 0;
    }

    private static async Task<bool> StopSupervisorAsync(DataFolder folder)
    {
        if (InstanceFile.Load(folder).Supervisor is not { } supervisor || !supervisor.Process.IsAlive())
        {
            return false;
        }

        supervisor.Process.Send(Signal.Terminate);
        if (!await supervisor.Process.HasEndedWithinAsync(StopLimit))
        {
            await Console.Error.WriteLineAsync($"Process {supervisor.Process.Pid} did not end within {StopLimit.TotalSeconds:0} s and is killed.");
            supervisor.Process.Send(Signal.Kill);
            await supervisor.Process.HasEndedWithinAsync(TimeSpan.FromSeconds(5));
        }

        return true;
    }
}
