using System.Diagnostics;
using System.Net.Sockets;

using Npgsql;

using Registry.Standalone.Folder;
using Registry.Standalone.Processes;

namespace Registry.Standalone.Servers;

/// <summary>
/// A private PostgreSQL server: loopback only, no socket file, passwords by SCRAM, checksums on, and durable as
/// PostgreSQL's own defaults are (<c>fsync</c> and <c>synchronous_commit</c> stay on).
/// </summary>
internal sealed class PostgresProcess(DataFolder folder, ServerPrograms programs, int port, string password) : ServerProcess
{
    private const string SuperUser = "postgres";
    private static readonly TimeSpan InitLimit = TimeSpan.FromMinutes(2);

    private string Files => Path.Combine(folder.Postgres, "data");

    /// <inheritdoc/>
    public override string Name => "postgres";

    /// <inheritdoc/>
    public override string Title => $"PostgreSQL {programs.Version}";

    /// <inheritdoc/>
    public override int Port => port;

    /// <inheritdoc/>
    public override Signal StopSignal => Signal.Interrupt; // "fast": does not wait for clients to leave

    /// <summary>How to reach it as its administrator.</summary>
    public string ConnectionString => ConnectionTo(port, password);

    /// <summary>How to reach a private server as its administrator.</summary>
    public static string ConnectionTo(int port, string password) =>
        new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = SuperUser, Password = password, Database = "postgres" }.ConnectionString;

    /// <inheritdoc/>
    public override async Task PrepareAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        account.OwnFolder(folder.Postgres);
        if (File.Exists(Path.Combine(Files, "PG_VERSION")))
        {
            return;
        }

        // Made beside and moved in one step: what an interrupted start leaves is not mistaken for a database.
        var fresh = Path.Combine(folder.Postgres, "data.new");
        var passwordFile = Path.Combine(folder.Postgres, "password.new");
        if (Directory.Exists(fresh))
        {
            Directory.Delete(fresh, recursive: true);
        }

        PrivateFiles.Write(passwordFile, password);
        account.Own(passwordFile);
        try
        {
            var made = await InitAsync(fresh, passwordFile, account, cancellationToken);
            if (made.ExitCode != 0)
            {
                throw new RefusedException($"PostgreSQL's data directory could not be made: {made.LastLine}");
            }
        }
        finally
        {
            File.Delete(passwordFile);
        }

        Directory.Move(fresh, Files);
    }

    /// <inheritdoc/>
    public override Launch Launch() =>
        new()
        {
            Command =
            [
                Path.Combine(programs.Folder, "postgres"), "-D", Files, "-p", $"{port}",
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "shared_buffers=64MB", "-c", "jit=off", "-c", "max_connections=300",
                "-c", "max_wal_size=512MB", "-c", "logging_collector=off", "-c", "log_destination=stderr", "-c", "log_line_prefix=%m [%p] %q%u@%d ",
            ],
            Folder = folder.Postgres,
            Log = Path.Combine(folder.Logs, "postgres.log"),
            Mark = $"-D {Files}",
            Environment = CleanEnvironment(folder.Postgres),
        };

    /// <inheritdoc/>
    public override async Task<bool> AnswersAsync(CancellationToken cancellationToken) =>
        await AnswersAsync(ConnectionString, cancellationToken) is null;

    /// <summary>Asks a server to answer a query.</summary>
    /// <returns>Null when it does, else the reason why not.</returns>
    public static async Task<string?> AnswersAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            var single = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 3, CommandTimeout = 3 };
            await using var source = NpgsqlDataSource.Create(single);
            await using var command = source.CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return null;
        }
        catch (Exception notYet) when (notYet is NpgsqlException or SocketException or TimeoutException)
        {
            return notYet.Message;
        }
    }

    private Task<ProgramResult> InitAsync(string fresh, string passwordFile, ServerAccount account, CancellationToken cancellationToken)
    {
        // macOS has no C.UTF-8 before version 15; C with this encoding sorts alike.
        var locale = OperatingSystem.IsMacOS() ? "C" : "C.UTF-8";
        string[] command =
        [
            .. account.Prefix(), Path.Combine(programs.Folder, "initdb"), "-D", fresh, "-U", SuperUser, "--auth=scram-sha-256",
            $"--pwfile={passwordFile}", "--encoding=UTF8", $"--locale={locale}", "--data-checksums",
        ];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder.Postgres };
        start.Environment.Clear();
        foreach (var (name, value) in CleanEnvironment(folder.Postgres))
        {
            start.Environment[name] = value;
        }

        return ProgramRun.RunAsync(start, InitLimit, cancellationToken);
    }
}
