using Npgsql;

namespace Registry.Standalone.Backup;

/// <summary>What a database's catalogue says of its tables.</summary>
internal static class DatabaseTables
{
    private const string History = "__EFMigrationsHistory";

    // Events under way belong to a feed that a restored database does not continue; counters of failed log-ins run out by themselves.
    private static readonly string[] NotKept = [History, "outbox", "throttles"];

    /// <summary>Tables with the columns that can be written, those others refer to first.</summary>
    public static async Task<IReadOnlyList<(string Table, IReadOnlyList<string> Columns)>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var columns = await PairsAsync(
            connection,
            """
            SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' ORDER BY c.table_name, c.ordinal_position
            """,
            cancellationToken);
        var references = await PairsAsync(
            connection, "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid", cancellationToken);
        var tables = columns.Where(static pair => !NotKept.Contains(pair.Item1)).GroupBy(static pair => pair.Item1, static pair => pair.Item2).ToList();
        return [.. Ordered([.. tables.Select(static table => table.Key)], references).Select(name => (name, (IReadOnlyList<string>)[.. tables.Single(table => table.Key == name)]))];
    }

    /// <summary>The last migration applied.</summary>
    public static async Task<string> MigrationAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT max(\"MigrationId\") FROM \"{History}\"", connection);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>A table's name and columns as COPY wants them.</summary>
    public static string Target(string table, IReadOnlyList<string> columns) =>
        $"{Quote(table)} ({string.Join(", ", columns.Select(Quote))})";

    /// <summary>An identifier in quotes.</summary>
    public static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static List<string> Ordered(List<string> tables, List<(string Table, string Referred)> references)
    {
        var ordered = new List<string>();
        while (ordered.Count < tables.Count)
        {
            var next = tables.Except(ordered)
                .Where(table => references.Where(reference => reference.Table == table && tables.Contains(reference.Referred)).All(reference => ordered.Contains(reference.Referred)))
                .ToList();
            ordered.AddRange(next.Count > 0 ? next : throw new InvalidOperationException("Tables refer to each other in a circle."));
        }

        return ordered;
    }

    private static async Task<List<(string, string)>> PairsAsync(NpgsqlConnection connection, string query, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // the queries are the constants above
        await using var command = new NpgsqlCommand(query, connection);
#pragma warning restore CA2100
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var pairs = new List<(string, string)>();
        while (await rows.ReadAsync(cancellationToken))
        {
            pairs.Add((rows.GetString(0), rows.GetString(1)));
        }

        return pairs;
    }
}
