using System.Globalization;
using System.Text;

using Npgsql;

using NpgsqlTypes;

namespace Registry.SearchService.Index;

/// <summary>
/// The statement of one search: a page, and the count of all matches after it. Every term must match, as the beginning of
/// a term of the document or as a misspelling of a term of its name. The exact name comes first, then by where terms match:
/// name before keywords before text, whole before beginning before misspelt; ties by name.
/// </summary>
internal static class SearchCommand
{
    /// <summary>Composes the command. Its text is made of constants and parameter numbers only; what the user typed is in parameters.</summary>
    public static NpgsqlCommand Create(NpgsqlDataSource database, SearchQuery query)
    {
        var command = database.CreateCommand();
        var where = new StringBuilder("NOT removed");
        var score = new StringBuilder("0.0::float8");
        if (query.Repository is { } repository)
        {
            where.Append(CultureInfo.InvariantCulture, $" AND repository = ${Add(command, repository)}");
        }

        if (query.Readers is { } readers)
        {
            where.Append(CultureInfo.InvariantCulture, $" AND readers && ${Add(command, readers)}");
        }

        if (query.Text.Length > 0)
        {
            AddTerms(command, query.Text, where, score);
        }

        // One row more than the page: the count stands in it, so that a page beyond the end still has it.
        var size = Add(command, query.Size);
        var from = Add(command, query.From);
#pragma warning disable CA2100 // constants and parameter numbers
        command.CommandText = $"""
            WITH matches AS MATERIALIZED (SELECT repository, package, {score} AS score FROM search_documents WHERE {where})
            (SELECT document::text, score FROM matches JOIN search_documents USING (repository, package)
             ORDER BY score DESC, package, repository LIMIT ${size} OFFSET ${from})
            UNION ALL SELECT NULL, count(*)::float8 FROM matches
            """;
#pragma warning restore CA2100
        return command;
    }

    private static void AddTerms(NpgsqlCommand command, string text, StringBuilder where, StringBuilder score)
    {
        var name = Add(command, text.ToLowerInvariant());
        score.Append(CultureInfo.InvariantCulture, $" + CASE WHEN lower(package) = ${name} THEN 1000 WHEN lower(package) LIKE '%/' || ${name} THEN 500 ELSE 0 END");
        var terms = SearchTerms.OfQuery(text);
        if (terms.Count == 0)
        {
            where.Append(" AND false"); // nothing but signs: no document has such a term
        }

        foreach (var term in terms)
        {
            var near = Add(command, SearchTerms.Misspellings(term));
            var (whole, beginning) = (Term(command, term, ""), Term(command, term, ":*"));
            where.Append(CultureInfo.InvariantCulture, $" AND (terms @@ ${beginning}::tsquery OR misspellings && ${near})");
            score.Append(CultureInfo.InvariantCulture, $"""
                 + CASE WHEN terms @@ ${Term(command, term, ":A")}::tsquery THEN 40 WHEN terms @@ ${Term(command, term, ":*A")}::tsquery THEN 20
                WHEN terms @@ ${Term(command, term, ":B")}::tsquery THEN 10 WHEN terms @@ ${Term(command, term, ":*B")}::tsquery THEN 5
                WHEN terms @@ ${whole}::tsquery THEN 2 WHEN terms @@ ${beginning}::tsquery THEN 1 ELSE 0.5 END
                """);
        }
    }

    /// <summary>Terms are letters and digits only, so quoting them needs no escapes.</summary>
    private static int Term(NpgsqlCommand command, string term, string match) => Add(command, $"'{term}'{match}");

    private static int Add(NpgsqlCommand command, object value)
    {
        command.Parameters.Add(value is IReadOnlyList<string> texts
            ? new NpgsqlParameter { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }
            : new NpgsqlParameter { Value = value });
        return command.Parameters.Count;
    }
}
