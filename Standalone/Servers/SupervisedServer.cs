using System.Security.Cryptography;
using System.Text;

using Registry.Standalone.Folder;
using Registry.Standalone.Logs;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>
/// Brings one server process up and keeps it up. A process that an earlier registry left behind is adopted when it was
/// started the same way and serves, else ended and replaced. One that ends is started again after a pause that grows
/// from half a second to thirty while it keeps ending.
/// </summary>
internal sealed partial class SupervisedServer(
    ServerProcess server, InstanceFile instance, ServerAccount account, TimeProvider clock, ILogger logger)
{
    private const int LogTail = 15;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AdoptLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Which server it is.</summary>
    public ServerProcess Server => server;

    private ServerState? Known => instance.State.Servers.GetValueOrDefault(server.Name);

    /// <summary>Adopts or starts it, and waits until it serves.</summary>
    /// <returns>True when a process left behind was adopted.</returns>
    /// <exception cref="RefusedException">It does not come up; the end of its log says why.</exception>
    public async Task<bool> StartAsync(CancellationToken cancellationToken)
    {
        if (await AdoptAsync(cancellationToken))
        {
            return true;
        }

        var deadline = clock.GetTimestamp();
        var pause = FirstPause;
        while (!await TryStartAsync(0, cancellationToken))
        {
            // The first attempt after a crash may fail while children of the crashed server still hold its files.
            if (clock.GetElapsedTime(deadline) > StartLimit || pause > TimeSpan.FromSeconds(4))
            {
                throw new RefusedException(Failure());
            }

            await Task.Delay(pause, clock, cancellationToken);
            pause *= 2;
        }

        return false;
    }

    /// <summary>Starts it again whenever it ends, until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        var restarts = 0;
        while (true)
        {
            var since = clock.GetTimestamp();
            while (Known is { } known && known.Process.IsAlive())
            {
                await Task.Delay(WatchInterval, clock, cancellationToken);
            }

            if (clock.GetElapsedTime(since) > StableAfter)
            {
                pause = FirstPause;
            }

            LogEnded(logger, server.Title, pause.TotalSeconds);
            await Task.Delay(pause, clock, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            if (await TryRestartAsync(++restarts, cancellationToken))
            {
                LogRestarted(logger, server.Title, restarts);
            }
        }
    }

    /// <summary>Ends it: as it wants to be ended, then harder.</summary>
    public Task StopAsync() => StopAsync(server.Name, server.StopSignal, instance);

    /// <summary>Ends a remembered server process, if it is still that one, and forgets it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="signal">How it wants to be ended.</param>
    /// <param name="instance">Where it is remembered.</param>
    /// <param name="hurry">Whether to ask a second time at once, which to a service means that nobody is left to tell.</param>
    public static async Task StopAsync(string name, Signal signal, InstanceFile instance, bool hurry = false)
    {
        if (instance.State.Servers.GetValueOrDefault(name) is not { } known)
        {
            return;
        }

        foreach (var (harder, limit) in new[] { (signal, hurry ? 0.2 : 0), (signal, 20), (Signal.Quit, 5), (Signal.Kill, 5) }.Where(static step => step.Item2 > 0))
        {
            known.Process.Send(harder);
            if (await known.Process.HasEndedWithinAsync(TimeSpan.FromSeconds(limit)))
            {
                break;
            }
        }

        try
        {
            instance.SetServer(name, null);
        }
        catch (IOException)
        {
            // A full disk must not keep the next server running; and a process that ended is known by that.
        }
    }

    private async Task<bool> AdoptAsync(CancellationToken cancellationToken)
    {
        if (Known is not { } known || !known.Process.IsAlive())
        {
            return false;
        }

        if (known.Settings == Fingerprint())
        {
            var since = clock.GetTimestamp();
            while (clock.GetElapsedTime(since) < AdoptLimit && known.Process.IsAlive())
            {
                if (await server.AnswersAsync(cancellationToken))
                {
                    return true;
                }

                await Task.Delay(PollInterval, clock, cancellationToken);
            }
        }

        await StopAsync();
        return false;
    }

    private async Task<bool> TryRestartAsync(int restarts, CancellationToken cancellationToken)
    {
        try
        {
            return await TryStartAsync(restarts, cancellationToken);
        }
        catch (Exception failed) when (failed is IOException or RefusedException or UnauthorizedAccessException or InvalidOperationException)
        {
            LogStartFailed(logger, failed, server.Title);
            return false;
        }
    }

    private async Task<bool> TryStartAsync(int restarts, CancellationToken cancellationToken)
    {
        await server.PrepareAsync(account, cancellationToken);
        var launch = server.Launch();
        BoundedLog.Trim(launch.Log);
        if (DetachedProcess.Start(launch, account) is not { } process)
        {
            return false;
        }

        instance.SetServer(server.Name, new ServerState(process, Fingerprint(), clock.GetUtcNow(), restarts));
        var since = clock.GetTimestamp();
        while (process.IsAlive() && clock.GetElapsedTime(since) < StartLimit)
        {
            if (await server.AnswersAsync(cancellationToken))
            {
                return process.IsAlive();
            }

            await Task.Delay(PollInterval, clock, cancellationToken);
        }

        await StopAsync();
        return false;
    }

    private string Failure()
    {
        var log = server.Launch().Log;
        return $"{server.Title} does not start. The end of {log}:{Environment.NewLine}  "
            + string.Join($"{Environment.NewLine}  ", BoundedLog.Tail(log, LogTail));
    }

    private string Fingerprint()
    {
        var launch = server.Launch();
        var text = string.Join('\n', [.. launch.Command, .. launch.Environment?.Where(static entry => entry.Key != "PATH").Select(static entry => $"{entry.Key}={entry.Value}") ?? [], server.Settings]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    [LoggerMessage(1, LogLevel.Warning, "{Server} ended; starting it again in {Pause} s")]
    private static partial void LogEnded(ILogger logger, string server, double pause);

    [LoggerMessage(2, LogLevel.Warning, "{Server} serves again (restart {Restarts})")]
    private static partial void LogRestarted(ILogger logger, string server, int restarts);

    [LoggerMessage(3, LogLevel.Error, "{Server} could not be started")]
    private static partial void LogStartFailed(ILogger logger, Exception exception, string server);
}
