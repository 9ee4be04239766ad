using System.Text.Json;

using Npgsql;

using NpgsqlTypes;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Index;

/// <summary>
/// The index in PostgreSQL: terms as a <c>tsvector</c> (A name, B keywords, C text) that our tokenizer filled, so that no
/// language configuration of the server matters, and a list of near-misses of the name's terms. Both have GIN indexes;
/// nothing but the server's core is needed.
/// </summary>
internal sealed class PostgresSearchIndex(NpgsqlDataSource database) : ISearchIndex
{
    private const string Put = """
        INSERT INTO search_documents (repository, package, revision, removed, document, terms, misspellings, readers)
        VALUES ($1, $2, $3, false, $4,
                setweight(array_to_tsvector($5), 'A') || setweight(array_to_tsvector($6), 'B') || setweight(array_to_tsvector($7), 'C'), $8, $9)
        ON CONFLICT (repository, package) DO UPDATE
        SET revision = excluded.revision, removed = false, document = excluded.document, terms = excluded.terms,
            misspellings = excluded.misspellings, readers = excluded.readers
        WHERE search_documents.revision < excluded.revision
        """;

    private const string Remove = """
        INSERT INTO search_documents (repository, package, revision, removed, document, terms, misspellings, readers)
        VALUES ($1, $2, $3, true, '{}', '', '{}', '{}')
        ON CONFLICT (repository, package) DO UPDATE
        SET revision = excluded.revision, removed = true, document = '{}', terms = '', misspellings = '{}', readers = '{}'
        WHERE search_documents.revision < excluded.revision
        """;

    public async Task<IndexOutcome> PutAsync(SearchDocumentResponse document, CancellationToken cancellationToken)
    {
        var name = SearchTerms.OfName(document.Package);
        await using var command = database.CreateCommand(Put);
        AddKey(command, document.Repository, document.Package, document.Revision);
        command.Parameters.Add(new NpgsqlParameter { Value = JsonSerializer.Serialize(document, RegistryJson.Options), NpgsqlDbType = NpgsqlDbType.Jsonb });
        AddTexts(command, name);
        AddTexts(command, SearchTerms.OfText(document.Keywords));
        AddTexts(command, SearchTerms.OfText([document.Description, document.Author, .. document.Maintainers.Select(person => person.Name)]));
        AddTexts(command, [.. name.SelectMany(SearchTerms.Misspellings).Distinct()]);
        AddTexts(command, document.Readers);
        try
        {
            return await WriteAsync(command, cancellationToken);
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("22", StringComparison.Ordinal) || refused.SqlState.StartsWith("54", StringComparison.Ordinal))
        {
            // Class 22: data it cannot represent; class 54: larger than it can hold.
            throw new DocumentRefusedException($"PostgreSQL refused the document: {refused.MessageText}", refused);
        }
    }

    public async Task<IndexOutcome> RemoveAsync(string repository, string package, long revision, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Remove);
        AddKey(command, repository, package, revision);
        return await WriteAsync(command, cancellationToken);
    }

    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("DELETE FROM search_documents");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        await using var command = SearchCommand.Create(database, query);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var hits = new List<SearchHit>();
        var total = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (await reader.IsDBNullAsync(0, cancellationToken))
            {
                total = (long)reader.GetDouble(1);
                continue;
            }

            var document = JsonSerializer.Deserialize<SearchDocumentResponse>(reader.GetString(0), RegistryJson.Options)!;
            hits.Add(new SearchHit(document, reader.GetDouble(1)));
        }

        return new SearchPage(total, hits);
    }

    private static async Task<IndexOutcome> WriteAsync(NpgsqlCommand command, CancellationToken cancellationToken) =>
        await command.ExecuteNonQueryAsync(cancellationToken) > 0 ? IndexOutcome.Applied : IndexOutcome.IgnoredAsOlder;

    private static void AddKey(NpgsqlCommand command, string repository, string package, long revision)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = repository });
        command.Parameters.Add(new NpgsqlParameter { Value = package });
        command.Parameters.Add(new NpgsqlParameter { Value = revision });
    }

    private static void AddTexts(NpgsqlCommand command, IReadOnlyList<string> texts) =>
        command.Parameters.Add(new NpgsqlParameter { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
}
