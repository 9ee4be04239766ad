using System.Data;
using System.Security.Cryptography;

using Npgsql;

namespace Registry.Standalone.Backup;

/// <summary>Copies a database's tables to files, all as of one moment, and back into an empty database.</summary>
internal static class DatabaseCopy
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Copies every table to a folder.</summary>
    public static async Task<BackedUpDatabase> OutAsync(string name, string connectionString, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await using var source = NpgsqlDataSource.Create(Patient(connectionString));
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var copied = new List<BackedUpTable>();
        foreach (var (table, columns) in await DatabaseTables.ReadAsync(connection, cancellationToken))
        {
            var path = PathOf(folder, table);
            await using (var rows = await connection.BeginRawBinaryCopyAsync($"COPY {DatabaseTables.Target(table, columns)} TO STDOUT (FORMAT BINARY)", cancellationToken))
            await using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes))
            {
                await rows.CopyToAsync(file, BufferBytes, cancellationToken);
                await file.FlushAsync(cancellationToken);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }

            copied.Add(new BackedUpTable(table, columns, new FileInfo(path).Length, await DigestAsync(path, cancellationToken)));
        }

        return new BackedUpDatabase(name, await DatabaseTables.MigrationAsync(connection, cancellationToken), copied);
    }

    /// <summary>Compares the files of a database with what was written when it was copied.</summary>
    /// <exception cref="RefusedException">A file is missing or another; the message names it.</exception>
    public static async Task CheckAsync(BackedUpDatabase database, string folder, CancellationToken cancellationToken)
    {
        foreach (var table in database.Tables)
        {
            var path = PathOf(folder, table.Name);
            if (!File.Exists(path) || new FileInfo(path).Length != table.Bytes || await DigestAsync(path, cancellationToken) != table.Digest)
            {
                throw new RefusedException($"The back-up is damaged: {path} is missing or not what was written. Nothing was restored.");
            }
        }
    }

    /// <summary>Copies every table back, in one transaction.</summary>
    /// <param name="database">What the back-up holds.</param>
    /// <param name="connectionString">A database that has been migrated and in which nobody works.</param>
    /// <param name="folder">The back-up's files of it.</param>
    /// <param name="cancellationToken">Undoes everything.</param>
    public static async Task InAsync(BackedUpDatabase database, string connectionString, string folder, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(Patient(connectionString));
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // What migrations put in is in the back-up as well.
        var names = string.Join(", ", database.Tables.Select(static table => DatabaseTables.Quote(table.Name)));
        await ExecuteAsync(connection, $"TRUNCATE {names}", cancellationToken);
        foreach (var table in database.Tables)
        {
            await InAsync(connection, table, PathOf(folder, table.Name), cancellationToken);
        }

        if (database.Name == "packages")
        {
            // Whoever follows the feed must notice that what came after the back-up is gone.
            await ExecuteAsync(connection, "UPDATE feed_epoch SET epoch = gen_random_uuid()", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Whether anything but what migrations put in is in a database.</summary>
    public static async Task<bool> IsUsedAsync(string connectionString, string table, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(Patient(connectionString));
#pragma warning disable CA2100 // the name of a table of ours
        await using var command = source.CreateCommand($"SELECT EXISTS (SELECT 1 FROM {DatabaseTables.Quote(table)})");
#pragma warning restore CA2100
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task InAsync(NpgsqlConnection connection, BackedUpTable table, string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != table.Bytes || await DigestAsync(path, cancellationToken) != table.Digest)
        {
            throw new RefusedException($"The back-up is damaged: {path} is missing or not what was written. Nothing was restored.");
        }

        await using (var rows = await connection.BeginRawBinaryCopyAsync($"COPY {DatabaseTables.Target(table.Name, table.Columns)} FROM STDIN (FORMAT BINARY)", cancellationToken))
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes))
        {
            await file.CopyToAsync(rows, BufferBytes, cancellationToken);
        }

        await ContinueNumbersAsync(connection, table.Name, cancellationToken);
    }

    /// <summary>Numbers the database gives out go on after the highest that was restored.</summary>
    private static async Task ContinueNumbersAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        var identities = new List<string>();
        await using (var asked = new NpgsqlCommand(
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 AND is_identity = 'YES'", connection))
        {
            asked.Parameters.Add(new NpgsqlParameter { Value = table });
            await using var rows = await asked.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                identities.Add(rows.GetString(0));
            }
        }

        foreach (var column in identities)
        {
            await ExecuteAsync(
                connection,
                $"SELECT setval(pg_get_serial_sequence('{DatabaseTables.Quote(table)}', '{column}'), max({DatabaseTables.Quote(column)})) FROM {DatabaseTables.Quote(table)} HAVING max({DatabaseTables.Quote(column)}) IS NOT NULL",
                cancellationToken);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // names come from the catalogue and are quoted
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Patient(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 0, Pooling = false, ApplicationName = "registry-backup" }.ConnectionString;

    private static string PathOf(string folder, string table) => Path.Combine(folder, $"{table}.copy");

    private static async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }
}
