using System.Runtime.InteropServices;

namespace Registry.Standalone.Processes;

/// <summary>
/// A process remembered across our own end. A bare id may belong to somebody else by then, so it counts as the same
/// process only with the same start time and a command line that still contains the mark.
/// </summary>
/// <param name="Pid">Its id.</param>
/// <param name="StartedAt">When it started, as <see cref="ProcessTable"/> says it.</param>
/// <param name="Mark">A part of its command line that other programs do not have, such as its data directory.</param>
internal sealed record ProcessIdentity(int Pid, string StartedAt, string Mark)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Remembers a process; null when it is gone already.</summary>
    public static ProcessIdentity? Of(int pid, string mark) =>
        ProcessTable.Read(pid) is { } entry ? new ProcessIdentity(pid, entry.StartedAt, mark) : null;

    /// <summary>That very process still runs.</summary>
    /// <remarks>
    /// While a process replaces its program, as start scripts do, its command line reads as empty for a moment: that is
    /// not its end, and a server taken for dead then would be left behind.
    /// </remarks>
    public bool IsAlive() =>
        ProcessTable.Read(Pid) is { } entry
        && entry.StartedAt == StartedAt
        && (entry.CommandLine.Length == 0 || entry.CommandLine.Contains(Mark, StringComparison.Ordinal));

    /// <summary>Sends a signal to that very process, and to nothing else.</summary>
    public void Send(Signal signal)
    {
        if (IsAlive())
        {
            _ = NativeMethods.Kill(Pid, (int)signal);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>False when it still runs after <paramref name="limit"/>.</returns>
    public async Task<bool> HasEndedWithinAsync(TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        while (IsAlive())
        {
            if (deadline.IsCancellationRequested)
            {
                return false;
            }

            await Task.Delay(PollInterval);
        }

        return true;
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "kill")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int Kill(int pid, int signal);
    }
}

/// <summary>Signals of POSIX, with the numbers Linux and macOS share.</summary>
internal enum Signal
{
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
}
