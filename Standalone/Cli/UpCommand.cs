using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

using Registry.Standalone.Folder;
using Registry.Standalone.Hosting;
using Registry.Standalone.Options;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Cli;

/// <summary><c>up</c>: starts everything and stays, or goes to the background.</summary>
internal static class UpCommand
{
    /// <summary>What can be asked for on the command line, with the key each stands for; a flag that begins with <c>--no-</c> makes it false.</summary>
    private static readonly (Option Option, string Key)[] Options =
    [
        (new Option<int?>("--port") { Description = "The first of three ports: web, npm and pantry, loft (default: 8080, 3000, 3030)", HelpName = "N" }, "Port"),
        (new Option<string?>("--bind") { Description = "The address to listen on (default: 127.0.0.1)", HelpName = "ADDR" }, "Bind"),
        (new Option<bool>("--services") { Description = "Run every service as a process of its own" }, "Services"),
        (new Option<int?>("--replicas") { Description = "How many of each, with --services (default: 1)", HelpName = "N" }, "Replicas"),
        (new Option<FileInfo?>("--tls-cert") { Description = "The certificate of the listeners (PEM)", HelpName = "FILE" }, "Gateway:Tls:CertificateFile"),
        (new Option<FileInfo?>("--tls-key") { Description = "Its private key (PEM)", HelpName = "FILE" }, "Gateway:Tls:KeyFile"),
        (new Option<bool>("--no-upstreams") { Description = "Find only the packages that are published here" }, "Upstreams:Enabled"),
    ];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var background = new Option<bool>("--background") { Description = "Return when the registry is ready, and let it run" };
        var command = new Command("up", "Start the registry.") { background };
        foreach (var (option, _) in Options)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (line, cancellationToken) =>
        {
            var folder = DataFolder.Choose(line.GetValue(RegistryCommand.Data), out var notice);
            if (notice is not null)
            {
                await Console.Out.WriteLineAsync($"  {notice}");
            }

            var asked = Options.Select(known => (known.Option.Name, known.Key, Value: ValueOf(line, known.Option))).Where(static known => known.Value is not null).ToList();
            return line.GetValue(background)
                ? await new BackgroundStart(folder, [.. asked.SelectMany(static known => new[] { known.Name, known.Value! })]).RunAsync(cancellationToken)
                : await RunAsync(folder, asked.ToDictionary(static known => known.Key, static known => known.Name.StartsWith("--no-", StringComparison.Ordinal) ? "false" : known.Value), cancellationToken);
        });
        return command;
    }

    private static string? ValueOf(ParseResult line, Option option) =>
        option switch
        {
            Option<int?> number => line.GetValue(number)?.ToString(CultureInfo.InvariantCulture),
            Option<bool> flag => line.GetValue(flag) ? "true" : null,
            Option<FileInfo?> file => line.GetValue(file)?.FullName, // the services run elsewhere
            Option<string?> text => line.GetValue(text),
            _ => throw new UnreachableException(),
        };

    private static async Task<int> RunAsync(DataFolder folder, Dictionary<string, string?> asked, CancellationToken cancellationToken)
    {
        var account = await ServerAccount.FindAsync(cancellationToken);
        folder.Create(account);
        using var held = await FolderLock.TryTakeAsync(folder, cancellationToken);
        if (held is null)
        {
            throw AlreadyRunning(folder);
        }

        var options = RegistryOptions.Load(folder, asked);
        var progress = new Progress(Console.Out, TimeProvider.System);
        try
        {
            await new RegistryRun(folder, options, account, progress).RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            progress.Say("Stopped.");
        }

        return 0;
    }

    /// <summary>The refusal to manage a directory twice.</summary>
    public static RefusedException AlreadyRunning(DataFolder folder)
    {
        var running = InstanceFile.Load(folder).Supervisor;
        return new RefusedException(running is null
            ? $"Another ./registry command is at work on {folder.Root}: try again in a moment."
            : $"The registry is already running on {folder.Root} (process {running.Process.Pid}) at {running.Urls.GetValueOrDefault("web")}/: stop it with ./registry stop, or start another with --data and --port.");
    }
}
