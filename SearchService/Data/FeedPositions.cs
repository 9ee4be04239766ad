using Npgsql;

namespace Registry.SearchService.Data;

/// <summary>The place in the feed of changes that the index is up to, shared by all replicas.</summary>
internal sealed class FeedPositions(NpgsqlDataSource database)
{
    private const string Feed = "changes";

    /// <summary>The feed's epoch and the last position dealt with; null before the first.</summary>
    public async Task<(Guid Epoch, long Position)?> LoadAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT epoch, position FROM positions WHERE feed = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = Feed });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetGuid(0), reader.GetInt64(1)) : null;
    }

    /// <summary>Remembers a position. Within an epoch it never goes back, whichever replica is behind; another epoch replaces it.</summary>
    public async Task SaveAsync(Guid epoch, long position, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            INSERT INTO positions (feed, epoch, position) VALUES ($1, $2, $3)
            ON CONFLICT (feed) DO UPDATE SET epoch = excluded.epoch, position = excluded.position
            WHERE positions.epoch <> excluded.epoch OR positions.position < excluded.position
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = Feed });
        command.Parameters.Add(new NpgsqlParameter { Value = epoch });
        command.Parameters.Add(new NpgsqlParameter { Value = position });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
