using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Registry.Standalone.Processes;

/// <summary>What the system says about a process. Never throws for one that is gone.</summary>
internal static class ProcessTable
{
    private static readonly Lazy<string> BootId = new(ReadBootId);

    /// <summary>A running process.</summary>
    /// <param name="StartedAt">When it started, as an opaque text that no later process with the same id repeats.</param>
    /// <param name="CommandLine">Its command line, arguments separated by spaces.</param>
    /// <param name="ParentId">Its parent, or 0 where that is not known.</param>
    internal sealed record Entry(string StartedAt, string CommandLine, int ParentId);

    /// <summary>The process with this id; null when there is none or it only waits to be reaped.</summary>
    public static Entry? Read(int pid) => OperatingSystem.IsLinux() ? ReadProc(pid) : ReadPs(pid);

    /// <summary>Ids of all running processes; empty where the system has no <c>/proc</c>.</summary>
    public static IEnumerable<int> All() =>
        Directory.Exists("/proc")
            ? Directory.EnumerateDirectories("/proc")
                .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
                .Where(pid => pid > 0)
            : [];

    private static Entry? ReadProc(int pid)
    {
        try
        {
            // The name in parentheses may contain anything, so the fields are counted from its end.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[0] is "Z" or "X")
            {
                return null;
            }

            var command = File.ReadAllText($"/proc/{pid}/cmdline").TrimEnd('\0').Replace('\0', ' ');
            return new Entry($"{BootId.Value}/{fields[19]}", command, int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Entry? ReadPs(int pid)
    {
        try
        {
            using var ps = Process.Start(new ProcessStartInfo("ps", ["-ww", "-o", "stat=,lstart=,command=", "-p", $"{pid}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            var words = ps!.StandardOutput.ReadToEnd().Split((char[]?)null, 7, StringSplitOptions.RemoveEmptyEntries);
            return words.Length < 7 || words[0].StartsWith('Z')
                ? null
                : new Entry(string.Join(' ', words[1..6]), words[6].TrimEnd(), 0);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string ReadBootId() =>
        File.Exists("/proc/sys/kernel/random/boot_id") ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : "boot";
}
