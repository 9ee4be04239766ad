using System.CommandLine;
using System.Text.Json;

using Registry.ServiceDefaults;
using Registry.Standalone.Folder;
using Registry.Standalone.Hosting;

using Spectre.Console;

namespace Registry.Standalone.Cli;

/// <summary><c>status</c>: what runs on a data directory. Exit code 0 when the registry runs, 3 when not.</summary>
internal static class StatusCommand
{
    private const int NotRunning = 3;
    private static readonly JsonSerializerOptions Indented = new(RegistryJson.Options) { WriteIndented = true };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("status", "Say what runs.") { json };
        command.SetAction(async (line, cancellationToken) =>
        {
            var folder = DataFolder.Choose(line.GetValue(RegistryCommand.Data), out _);
            var status = await ReadAsync(folder, cancellationToken);
            if (line.GetValue(json))
            {
                await Console.Out.WriteLineAsync(JsonSerializer.Serialize(status, Indented));
            }
            else
            {
                Print(status);
            }

            return status.Running ? 0 : NotRunning;
        });
        return command;
    }

    private static async Task<StatusDocument> ReadAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        var state = InstanceFile.Load(folder);
        var supervisor = state.Supervisor is { } known && known.Process.IsAlive() ? known : null;
        return new StatusDocument
        {
            Running = supervisor is not null,
            Ready = supervisor?.Ready == true,
            Pid = supervisor?.Process.Pid,
            UptimeSeconds = supervisor is null ? null : (long)(TimeProvider.System.GetUtcNow() - supervisor.StartedAt).TotalSeconds,
            Version = typeof(StatusCommand).Assembly.GetName().Version!.ToString(3),
            Data = folder.Root,
            Logs = folder.Logs,
            Urls = supervisor?.Urls ?? [],
            Services = supervisor is null ? [] : await AskServicesAsync(state, supervisor, cancellationToken),
            Servers = ReadServers(state),
        };
    }

    private static async Task<Dictionary<string, ServiceDocument>> AskServicesAsync(InstanceState state, SupervisorState supervisor, CancellationToken cancellationToken)
    {
        await using var services = HealthProbe.CreateServices();
        var probe = HealthProbe.Create(services);
        var replicas = (supervisor.Addresses ?? []).SelectMany(static service =>
            service.Value.Select((url, replica) => (Name: replica == 0 ? service.Key : $"{service.Key}-{replica + 1}", Url: url)));
        var answers = replicas.Select(async replica =>
        {
            var (_, word) = await probe.AskAsync(replica.Url, cancellationToken);
            return (replica.Name, Document: new ServiceDocument(word, replica.Url, PidOf(state, replica.Name)));
        });
        return (await Task.WhenAll(answers)).ToDictionary(static answer => answer.Name, static answer => answer.Document);
    }

    /// <summary>The process of a replica; null where this process hosts the services.</summary>
    private static int? PidOf(InstanceState state, string replica) =>
        state.Servers.GetValueOrDefault(ServiceProcess.Prefix + replica) is { } own && own.Process.IsAlive() ? own.Process.Pid : null;

    private static Dictionary<string, ServerDocument> ReadServers(InstanceState state) =>
        state.Servers.Where(static server => !server.Key.StartsWith(ServiceProcess.Prefix, StringComparison.Ordinal)).ToDictionary(
            static server => server.Key,
            server =>
            {
                var alive = server.Value.Process.IsAlive();
                var programs = state.Programs.GetValueOrDefault(server.Key);
                return new ServerDocument(
                    alive ? "running" : "stopped",
                    alive ? server.Value.Process.Pid : null,
                    state.Ports.GetValueOrDefault(server.Key),
                    programs?.Version,
                    programs?.Folder,
                    server.Value.Restarts,
                    server.Key == "rabbitmq" && state.Ports.TryGetValue("rabbitmq-management", out var management) ? $"http://127.0.0.1:{management}" : null);
            });

    private static void Print(StatusDocument status)
    {
        Console.WriteLine(status.Running
            ? $"The registry is {(status.Ready ? "running" : "starting")}: process {status.Pid}, for {TimeSpan.FromSeconds(status.UptimeSeconds ?? 0)}, version {status.Version}"
            : $"The registry is not running on {status.Data}");
        var table = Tables.New("part", "state", "where", "version");
        foreach (var (name, url) in status.Urls)
        {
            table.AddRow(Tables.Cells($"{name} listener", "", $"{url}/", ""));
        }

        foreach (var (name, service) in status.Services)
        {
            table.AddRow(Tables.Cells($"{name} service", service.Pid is { } pid ? $"{service.State}, process {pid}" : service.State, service.Url, ""));
        }

        foreach (var (name, server) in status.Servers)
        {
            table.AddRow(Tables.Cells(name, server.Pid is { } pid ? $"{server.State}, process {pid}" : server.State, server.Management ?? $"127.0.0.1:{server.Port}", server.Version ?? ""));
        }

        if (table.Rows.Count > 0)
        {
            Tables.Show(table);
        }

        Console.WriteLine($"data {status.Data}");
        Console.WriteLine($"logs {status.Logs}");
    }

    private sealed record StatusDocument
    {
        public required bool Running { get; init; }

        public required bool Ready { get; init; }

        public int? Pid { get; init; }

        public long? UptimeSeconds { get; init; }

        public required string Version { get; init; }

        public required string Data { get; init; }

        public required string Logs { get; init; }

        public required Dictionary<string, string> Urls { get; init; }

        public required Dictionary<string, ServiceDocument> Services { get; init; }

        public required Dictionary<string, ServerDocument> Servers { get; init; }
    }

    private sealed record ServiceDocument(string State, string Url, int? Pid);

    private sealed record ServerDocument(string State, int? Pid, int Port, string? Version, string? Programs, int Restarts, string? Management);
}
