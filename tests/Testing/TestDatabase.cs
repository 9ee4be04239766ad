using System.Collections.Concurrent;

using Npgsql;

namespace Registry.Testing;

/// <summary>A database of its own for a test class, dropped at the end.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<TestDatabase>>> Templates = new();

    private readonly string _name;

    private TestDatabase(string name, string connectionString)
    {
        _name = name;
        ConnectionString = connectionString;
    }

    /// <summary>How to reach it.</summary>
    public string ConnectionString { get; }

    /// <summary>Creates an empty database.</summary>
    public static Task<TestDatabase> CreateAsync(CancellationToken cancellationToken = default) => CreateAsync("template1", cancellationToken);

    /// <summary>Creates a database as a service's migrations make it. They run once in this process; what the tests get are copies.</summary>
    /// <param name="service">Whose migrations.</param>
    /// <param name="migrate">Runs them in the database of a connection string.</param>
    public static async Task<TestDatabase> CreateMigratedAsync(string service, Func<string, Task> migrate) =>
        await CreateAsync((await Templates.GetOrAdd(service, _ => new(() => CreateTemplateAsync(migrate))).Value)._name, default);

    private static async Task<TestDatabase> CreateTemplateAsync(Func<string, Task> migrate)
    {
        var template = await CreateAsync();

        // Nobody may be connected to what is copied.
        await migrate(new NpgsqlConnectionStringBuilder(template.ConnectionString) { Pooling = false }.ConnectionString);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Task.Run(template.TryDisposeAsync).GetAwaiter().GetResult();
        return template;
    }

    private async Task TryDisposeAsync()
    {
        try
        {
            await DisposeAsync();
        }
        catch (NpgsqlException)
        {
            // A private server ends with the process too, perhaps before.
        }
    }

    private static async Task<TestDatabase> CreateAsync(string template, CancellationToken cancellationToken)
    {
        var name = $"test_{Guid.CreateVersion7():n}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}", cancellationToken);
        var builder = new NpgsqlConnectionStringBuilder(BackingServers.Postgres) { Database = name, MaxPoolSize = 20 };
        return new TestDatabase(name, builder.ConnectionString);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await ExecuteAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)", default);

    private static async Task ExecuteAsync(string statement, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(BackingServers.Postgres);
#pragma warning disable CA2100 // the name is made here
        await using var command = source.CreateCommand(statement);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
