using Npgsql;

namespace Registry.AuthService.Data;

/// <summary>Counts in the table <c>throttles</c>, each in one statement, so that parallel attempts on any replica cannot overshoot.</summary>
internal sealed class ThrottleCounters(NpgsqlDataSource database, TimeProvider clock)
{
    // The row lock taken by ON CONFLICT puts attempts in a line; the condition is evaluated on the row as the one before left it.
    private const string Count =
        """
        WITH counted AS (
            INSERT INTO throttles AS t (key, count, expires_at) VALUES ($1, 1, $2 + $3)
            ON CONFLICT (key) DO UPDATE SET
                count = CASE WHEN t.expires_at <= $2 THEN 1 ELSE t.count + 1 END,
                expires_at = CASE WHEN t.expires_at <= $2 THEN $2 + $3 ELSE t.expires_at END
            WHERE t.expires_at <= $2 OR t.count < $4
            RETURNING 1)
        SELECT EXISTS (SELECT 1 FROM counted), (SELECT expires_at FROM throttles WHERE key = $1)
        """;

    /// <summary>Counts one attempt against <paramref name="limit"/>.</summary>
    /// <returns>Null when it counts as one within the limit, else how long to wait; then it was not counted.</returns>
    public async Task<TimeSpan?> CountAsync(string key, int limit, TimeSpan window, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(Count);
        command.Parameters.AddWithValue(key);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(window);
        command.Parameters.AddWithValue(limit);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        if (row.GetBoolean(0))
        {
            return null;
        }

        var until = await row.IsDBNullAsync(1, cancellationToken) ? now + window : await row.GetFieldValueAsync<DateTimeOffset>(1, cancellationToken);
        return until > now ? until - now : TimeSpan.FromSeconds(1);
    }

    /// <summary>Takes back one count.</summary>
    public async Task UncountAsync(string key, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("UPDATE throttles SET count = count - 1 WHERE key = $1 AND count > 0");
        command.Parameters.AddWithValue(key);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Forgets a key.</summary>
    public async Task ResetAsync(string key, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("DELETE FROM throttles WHERE key = $1");
        command.Parameters.AddWithValue(key);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
