using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>One process of a backing server: how to start it, how to see that it serves, how to end it.</summary>
internal abstract class ServerProcess
{
    /// <summary>Its name in <c>instance.json</c> and in <c>status</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Its name for people.</summary>
    public abstract string Title { get; }

    /// <summary>The port it listens on.</summary>
    public abstract int Port { get; }

    /// <summary>Files that change how it runs, as one text; another text means that it must be started anew.</summary>
    public virtual string Settings => "";

    /// <summary>The signal that asks for an orderly end.</summary>
    public virtual Signal StopSignal => Signal.Terminate;

    /// <summary>Makes its folders and files; done before every start.</summary>
    public abstract Task PrepareAsync(ServerAccount account, CancellationToken cancellationToken);

    /// <summary>How it is started.</summary>
    public abstract Launch Launch();

    /// <summary>It serves. False means not yet, or not any more.</summary>
    public abstract Task<bool> AnswersAsync(CancellationToken cancellationToken);

    /// <summary>The environment servers run in: ours could hold settings that are meant for others.</summary>
    protected static Dictionary<string, string> CleanEnvironment(string home) =>
        new()
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
            ["LANG"] = "C.UTF-8",
            ["HOME"] = home,
        };
}
