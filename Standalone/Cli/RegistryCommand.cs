using System.CommandLine;
using System.Runtime.InteropServices;

namespace Registry.Standalone.Cli;

/// <summary>The commands behind <c>./registry</c>.</summary>
internal static class RegistryCommand
{
    private const int Interrupted = 130;

    /// <summary>Where the data is; the same for every command.</summary>
    public static Option<string?> Data { get; } = new("--data")
    {
        Description = "The data directory (default: .registry in the repository)",
        Recursive = true,
        HelpName = "DIR",
    };

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        using var ending = new CancellationTokenSource();
        using var interrupt = Register(PosixSignal.SIGINT, ending);
        using var terminate = Register(PosixSignal.SIGTERM, ending);
        using var hangUp = Register(PosixSignal.SIGHUP, ending);
        try
        {
            // Our own handling of signals: a registry needs longer to end than the library allows.
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await Create().Parse(args).InvokeAsync(configuration, ending.Token);
        }
        catch (RefusedException refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return Interrupted;
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            await Console.Error.WriteLineAsync($"{denied.Message} (a data directory belongs to the user who made it)");
            return 1;
        }
    }

    private static RootCommand Create()
    {
        var root = new RootCommand("A self-hosted package registry.");
        root.Options.Add(Data);
        root.Subcommands.Add(UpCommand.Create());
        root.Subcommands.Add(StopCommand.Create());
        root.Subcommands.Add(StatusCommand.Create());
        root.Subcommands.Add(ServersCommand.Create());
        root.Subcommands.Add(UserCommand.Create());
        root.Subcommands.Add(TokenCommand.Create());
        root.Subcommands.Add(BlobsCommand.Create());
        root.Subcommands.Add(CacheCommand.Create());
        root.Subcommands.Add(BackupCommand.Create());
        root.Subcommands.Add(BackupCommand.CreateRestore());
        root.Subcommands.Add(SearchCommand.Create());
        return root;
    }

    private static PosixSignalRegistration Register(PosixSignal signal, CancellationTokenSource ending) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            ending.Cancel();
        });
}
