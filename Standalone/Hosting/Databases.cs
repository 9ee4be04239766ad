using Npgsql;

using Registry.Standalone.Folder;
using Registry.Standalone.Options;

namespace Registry.Standalone.Hosting;

/// <summary>One database for each service that has one, each with a login of its own that owns it and can open no other.</summary>
internal static class Databases
{
    /// <summary>Makes what is missing.</summary>
    /// <returns>Connection strings by database.</returns>
    public static async Task<Dictionary<string, string>> PrepareAsync(
        string? server, Secrets secrets, RegistryOptions options, CancellationToken cancellationToken)
    {
        var prepared = new Dictionary<string, string>();
        foreach (var name in HostedService.All.Select(static service => service.Database).OfType<string>())
        {
            prepared[name] = options.ConnectionString(name)
                ?? await PrepareAsync(server!, name, secrets, cancellationToken);
        }

        return prepared;
    }

    /// <summary>How a service reaches its database on a server.</summary>
    public static string ConnectionTo(string server, string name, Secrets secrets) =>
        new NpgsqlConnectionStringBuilder(server) { Database = name, Username = name, Password = PasswordOf(name, secrets) }.ConnectionString;

    /// <summary>Brings every database to this version.</summary>
    /// <param name="databases">Connection strings by database.</param>
    public static async Task MigrateAsync(IReadOnlyDictionary<string, string> databases)
    {
        foreach (var service in HostedService.All)
        {
            if (service is { Migrate: { } migrate, Database: { } database })
            {
                await migrate([], new Dictionary<string, string?> { [$"ConnectionStrings:{database}"] = databases[database] });
            }
        }
    }

    private static string PasswordOf(string name, Secrets secrets) => secrets.Password($"database-{name}");

    private static async Task<string> PrepareAsync(string server, string name, Secrets secrets, CancellationToken cancellationToken)
    {
        var own = new NpgsqlConnectionStringBuilder(ConnectionTo(server, name, secrets));
        if (!await OpensAsync(own, cancellationToken))
        {
            await CreateAsync(server, name, PasswordOf(name, secrets), cancellationToken);
        }

        return own.ConnectionString;
    }

    private static async Task<bool> OpensAsync(NpgsqlConnectionStringBuilder own, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(own.ConnectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName)
        {
            // No such role, another password, or no such database: the administrator makes it so.
            return false;
        }
    }

    private static async Task CreateAsync(string server, string name, string password, CancellationToken cancellationToken)
    {
        try
        {
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Pooling = false });
            var verb = await ExistsAsync(source, "select count(*) from pg_roles where rolname = $1", name, cancellationToken) ? "ALTER" : "CREATE";
            await ExecuteAsync(source, $"{verb} ROLE \"{name}\" LOGIN PASSWORD '{password}'", cancellationToken);

            // An administrator that is not a superuser may give away only to roles it belongs to.
            await ExecuteAsync(source, $"GRANT \"{name}\" TO CURRENT_USER", cancellationToken);
            if (!await ExistsAsync(source, "select count(*) from pg_database where datname = $1", name, cancellationToken))
            {
                await ExecuteAsync(source, $"CREATE DATABASE \"{name}\" OWNER \"{name}\" ENCODING 'UTF8' TEMPLATE template0", cancellationToken);
            }

            await ExecuteAsync(source, $"REVOKE CONNECT ON DATABASE \"{name}\" FROM PUBLIC", cancellationToken);
        }
        catch (PostgresException refused)
        {
            throw new RefusedException($"The database '{name}' could not be made: {refused.MessageText}. The user of ConnectionStrings:postgres must be able to create roles and databases.");
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlDataSource source, string query, string name, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // the queries are the constants above
        await using var command = source.CreateCommand(query);
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter { Value = name });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! > 0;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string statement, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // utility statements take no parameters; name and password are made here and need no quoting
        await using var command = source.CreateCommand(statement);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
