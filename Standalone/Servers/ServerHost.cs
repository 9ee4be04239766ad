using Registry.Standalone.Cli;
using Registry.Standalone.Folder;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>What starting servers in a data directory needs. Whoever has one holds the directory's lock.</summary>
internal sealed record ServerHost
{
    /// <summary>The directory.</summary>
    public required DataFolder Folder { get; init; }

    /// <summary>What it remembers.</summary>
    public required InstanceFile Instance { get; init; }

    /// <summary>The account servers run as.</summary>
    public required ServerAccount Account { get; init; }

    /// <summary>Tells the operator what happens.</summary>
    public required Progress Progress { get; init; }

    /// <summary>Receives what happens later.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Passwords and keys.</summary>
    public Secrets Secrets => new(Folder);

    /// <summary>The port for something that a server process listens on.</summary>
    public int PortFor(string purpose, string server) =>
        Instance.PortFor(purpose, Instance.State.Servers.GetValueOrDefault(server)?.Process.IsAlive() == true, Progress.Say);

    /// <summary>Remembers which programs made a server's data.</summary>
    public void Remember(string server, ServerPrograms programs) =>
        Instance.Change(state => state with { Programs = new Dictionary<string, ProgramsState>(state.Programs) { [server] = programs.ToState() } });
}
