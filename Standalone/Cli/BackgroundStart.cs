using Registry.Standalone.Folder;
using Registry.Standalone.Logs;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Cli;

/// <summary>
/// Starts <c>up</c> in a session of its own, shows what it says until it is ready, and leaves it running.
/// </summary>
internal sealed class BackgroundStart(DataFolder folder, IReadOnlyList<string> asked)
{
    private const int LogTail = 20;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Does it.</summary>
    /// <returns>The exit code: 0 when the registry is ready.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        folder.Create(await ServerAccount.FindAsync(cancellationToken));
        using (var held = await FolderLock.TryTakeAsync(folder, cancellationToken))
        {
            if (held is null)
            {
                throw UpCommand.AlreadyRunning(folder);
            }
        }

        File.Delete(folder.TerminalLog);
        await File.WriteAllTextAsync(folder.TerminalLog, "", cancellationToken);
        var child = DetachedProcess.Start(
            new Launch { Command = [.. Self(), "up", "--data", folder.Root, .. asked], Folder = Directory.GetCurrentDirectory(), Log = folder.TerminalLog, Mark = "Registry.Standalone", KeepsFileMask = true },
            ServerAccount.Ourselves)
            ?? throw new RefusedException($"The registry ended as soon as it was started: see {folder.TerminalLog}");
        try
        {
            return await FollowAsync(child, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            child.Send(Signal.Terminate);
            await child.HasEndedWithinAsync(TimeSpan.FromMinutes(1));
            throw;
        }
    }

    private async Task<int> FollowAsync(ProcessIdentity child, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(new FileStream(folder.TerminalLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (true)
        {
            // Looked at before the rest is shown, so that nothing said before the end is lost.
            var ended = !child.IsAlive();
            var ready = InstanceFile.Load(folder).Supervisor is { Ready: true } supervisor && supervisor.Process.Pid == child.Pid;
            await Console.Out.WriteAsync(await reader.ReadToEndAsync(cancellationToken));
            if (ready)
            {
                return 0;
            }

            if (ended)
            {
                return await FailAsync();
            }

            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    private async Task<int> FailAsync()
    {
        var log = Path.Combine(folder.Logs, "standalone.log");
        var tail = BoundedLog.Tail(log, LogTail);
        await Console.Error.WriteLineAsync($"The registry did not start: the reason is above, the logs are in {folder.Logs}");
        if (tail.Count > 0)
        {
            await Console.Error.WriteLineAsync($"The end of {log}:{Environment.NewLine}  {string.Join($"{Environment.NewLine}  ", tail)}");
        }

        return 1;
    }

    private static IEnumerable<string> Self()
    {
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, typeof(BackgroundStart).Assembly.Location] : [program];
    }
}
