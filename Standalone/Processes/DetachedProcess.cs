using System.Diagnostics;

namespace Registry.Standalone.Processes;

/// <summary>What to start, apart from us: our end, our terminal and our Ctrl-C do not reach it.</summary>
internal sealed record Launch
{
    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Where it runs.</summary>
    public required string Folder { get; init; }

    /// <summary>The file both its streams are appended to.</summary>
    public required string Log { get; init; }

    /// <summary>A part of its command line that other programs do not have.</summary>
    public required string Mark { get; init; }

    /// <summary>Its whole environment; null hands on ours.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Its files get the permissions ours do, instead of being for their owner alone.</summary>
    public bool KeepsFileMask { get; init; }
}

/// <summary>Starts programs in a session of their own, with files instead of pipes, so that they outlive us unharmed.</summary>
internal static class DetachedProcess
{
    // The shell redirects with O_APPEND, which is what lets a log be cut while it is written (BoundedLog). File limits
    // beyond 20,000 make Erlang reserve tables it never needs.
    private const string Script = "[ -z \"$3\" ] || umask \"$3\"; ulimit -Sn 20000 2>/dev/null || :; log=$1; cd \"$2\"; shift 3; exec \"$@\" </dev/null >>\"$log\" 2>&1";

    // Where util-linux is not at hand (macOS), perl is.
    private static readonly string[] NewSession = ProgramSearch.OnPath("setsid") is { } setsid
        ? [setsid]
        : ["perl", "-e", "use POSIX qw(setsid); setsid(); exec @ARGV or die $!"];

    /// <summary>Starts it; every program in between replaces itself, so the id is the program's own.</summary>
    /// <returns>Null when it ended before it could be looked at; its log may say why.</returns>
    public static ProcessIdentity? Start(Launch launch, ServerAccount account)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", launch.Log, launch.Folder, launch.KeepsFileMask ? "" : "077", .. NewSession, .. account.Prefix(), .. launch.Command])
        {
            WorkingDirectory = "/",
        };
        if (launch.Environment is { } environment)
        {
            start.Environment.Clear();
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("The shell did not start.");
        return ProcessIdentity.Of(process.Id, launch.Mark);
    }
}
