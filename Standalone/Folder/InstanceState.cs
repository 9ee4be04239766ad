using Registry.Standalone.Processes;

namespace Registry.Standalone.Folder;

/// <summary>What a data directory remembers between starts; the content of <c>instance.json</c>.</summary>
internal sealed record InstanceState
{
    /// <summary>The process that hosts the services; null when none does.</summary>
    public SupervisorState? Supervisor { get; init; }

    /// <summary>Ports by what they are for.</summary>
    public Dictionary<string, int> Ports { get; init; } = [];

    /// <summary>Server processes by name.</summary>
    public Dictionary<string, ServerState> Servers { get; init; } = [];

    /// <summary>Programs that made the data, by server.</summary>
    public Dictionary<string, ProgramsState> Programs { get; init; } = [];
}

/// <summary>The process that hosts the services.</summary>
/// <param name="Process">Which one it is.</param>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="Ready">Everything answered.</param>
/// <param name="Urls">Its listeners' URLs by listener.</param>
/// <param name="Addresses">The services' addresses, one for each replica.</param>
internal sealed record SupervisorState(
    ProcessIdentity Process, DateTimeOffset StartedAt, bool Ready, Dictionary<string, string> Urls, Dictionary<string, string[]>? Addresses = null);

/// <summary>A server process.</summary>
/// <param name="Process">Which one it is.</param>
/// <param name="Settings">Fingerprint of how it was started: another one means it must be started anew.</param>
/// <param name="StartedAt">When it was started, UTC.</param>
/// <param name="Restarts">How often it had to be started again since <c>up</c>.</param>
internal sealed record ServerState(ProcessIdentity Process, string Settings, DateTimeOffset StartedAt, int Restarts);

/// <summary>The programs that made a server's data.</summary>
/// <param name="Folder">Where they are.</param>
/// <param name="Version">Their version.</param>
/// <param name="Origin">Where they come from: installed, apt or npm.</param>
internal sealed record ProgramsState(string Folder, string Version, string Origin);
