using Registry.Standalone.Cli;
using Registry.Standalone.Folder;

namespace Registry.Testing;

/// <summary>
/// The real servers the tests use: those the connection strings name (<c>./registry test</c> and
/// <c>./registry servers up</c> set them), else private ones, started when first asked for and stopped with the process.
/// </summary>
public static class BackingServers
{
    private const string PostgresVariable = "ConnectionStrings__postgres";
    private const string RabbitMqVariable = "ConnectionStrings__rabbitmq";
    private static readonly Lazy<(string? Postgres, string? RabbitMq)> Private = new(Start);

    /// <summary>A PostgreSQL server whose user may create databases.</summary>
    public static string Postgres => Given(PostgresVariable) ?? Private.Value.Postgres!;

    /// <summary>A RabbitMQ server.</summary>
    /// <exception cref="InvalidOperationException">There is none, and RabbitMQ is not installed.</exception>
    public static string RabbitMq =>
        Given(RabbitMqVariable)
        ?? Private.Value.RabbitMq
        ?? throw new InvalidOperationException($"These tests need RabbitMQ: install it, or name a server in {RabbitMqVariable}.");

    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static (string? Postgres, string? RabbitMq) Start()
    {
        var folder = DataFolder.Choose(Directory.CreateTempSubdirectory("registry-tests-").FullName, out _);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop(folder);

        // Asked for by properties, before any test that could await.
        return Task.Run(() => ServersCommand.UpAsync(folder, new Progress(Console.Error, TimeProvider.System), CancellationToken.None)).GetAwaiter().GetResult();
    }

    private static void Stop(DataFolder folder)
    {
        Task.Run(() => ServersCommand.DownAsync(folder, CancellationToken.None)).GetAwaiter().GetResult();
        Directory.Delete(folder.Root, recursive: true);
    }
}
