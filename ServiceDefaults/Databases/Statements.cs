using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

using Microsoft.EntityFrameworkCore;

using Npgsql;

namespace Registry.ServiceDefaults.Databases;

/// <summary>
/// SQL written by hand for what nearly every request asks, sent as it stands with its values by position: neither EF nor Npgsql has to look through
/// the text, which takes longer than the server needs to answer. What is asked less often goes through EF.
/// </summary>
public static class Statements
{
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal); // as many as there are statements in the code

    /// <summary>Runs a statement on a connection of its own and reads its rows.</summary>
    /// <param name="database">The database.</param>
    /// <param name="sql">The statement; what stands in braces goes as a parameter.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NpgsqlException">The database refused it, is away, or took too long.</exception>
    public static async Task<List<T>> ReadAsync<T>(
        this NpgsqlDataSource database, FormattableString sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, sql, read, cancellationToken);
    }

    /// <summary>Runs a statement in the context's transaction, where it has one, and reads its rows.</summary>
    /// <inheritdoc cref="ReadAsync{T}(NpgsqlDataSource, FormattableString, Func{NpgsqlDataReader, T}, CancellationToken)"/>
    public static Task<List<T>> ReadAsync<T>(
        this DbContext db, FormattableString sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        WithConnectionAsync(db, connection => ReadAsync(connection, sql, read, cancellationToken), cancellationToken);

    /// <summary>
    /// Sends statements at once in the context's transaction. Each sees what others have committed until it began: the second sees what was
    /// committed while the first waited for a lock.
    /// </summary>
    /// <param name="db">The database.</param>
    /// <param name="first">The first, and how a row of it is read.</param>
    /// <param name="second">The second, and how a row of it is read.</param>
    /// <param name="last">One more, whose rows nobody wants; null when there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The rows of the first and the second.</returns>
    /// <exception cref="NpgsqlException">The database refused one, is away, or took too long.</exception>
    public static Task<(List<T1> First, List<T2> Second)> ReadAsync<T1, T2>(
        this DbContext db,
        (FormattableString Sql, Func<NpgsqlDataReader, T1> Read) first,
        (FormattableString Sql, Func<NpgsqlDataReader, T2> Read) second,
        FormattableString? last,
        CancellationToken cancellationToken) =>
        WithConnectionAsync(
            db,
            async connection =>
            {
                await using var batch = connection.CreateBatch();
                Add(batch, first.Sql);
                Add(batch, second.Sql);
                if (last is not null)
                {
                    Add(batch, last);
                }

                await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
                var rows = await RowsAsync(reader, first.Read, cancellationToken);
                await reader.NextResultAsync(cancellationToken);
                var others = await RowsAsync(reader, second.Read, cancellationToken);
                await reader.NextResultAsync(cancellationToken); // what the last came to is known then
                return (rows, others);
            },
            cancellationToken);

    /// <summary>A text that may be null.</summary>
    public static string? TextOf(this NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetString(ordinal);

    private static async Task<T> WithConnectionAsync<T>(DbContext db, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            return await work((NpgsqlConnection)db.Database.GetDbConnection());
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    [SuppressMessage("Security", "CA2100", Justification = "The text is that of a literal in the code; values are parameters.")]
    private static async Task<List<T>> ReadAsync<T>(
        NpgsqlConnection connection, FormattableString sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TextOf(sql), connection);
        AddValues(command.Parameters, sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await RowsAsync(reader, read, cancellationToken);
    }

    private static async Task<List<T>> RowsAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    [SuppressMessage("Security", "CA2100", Justification = "The text is that of a literal in the code; values are parameters.")]
    private static void Add(NpgsqlBatch batch, FormattableString sql)
    {
        var command = new NpgsqlBatchCommand(TextOf(sql));
        AddValues(command.Parameters, sql);
        batch.BatchCommands.Add(command);
    }

    private static void AddValues(NpgsqlParameterCollection parameters, FormattableString sql)
    {
        foreach (var value in sql.GetArguments())
        {
            parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }

    private static string TextOf(FormattableString sql) =>
        Texts.GetOrAdd(
            sql.Format,
            static (format, count) => string.Format(CultureInfo.InvariantCulture, format, [.. Enumerable.Range(1, count).Select(static n => (object)$"${n}")]),
            sql.ArgumentCount);
}
