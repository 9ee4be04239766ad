using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Npgsql;

using Registry.Contracts.Http.Packages;
using Registry.SearchService.Index;
using Registry.SearchService.Index.Postgres;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Databases;

namespace Registry.SearchService.Data;

/// <summary>The index's SQL.</summary>
internal static class DocumentQueries
{
    private const int MostNearTerms = 5000;

    /// <summary>
    /// Writes documents unless their revision or a later one is there, and with them learns the terms of their names, so that a mistyped
    /// form of one is understood. A term that no document has finds nothing. Rows are written in one order, whoever writes: two processes
    /// never wait for each other.
    /// </summary>
    /// <param name="db">The database.</param>
    /// <param name="role">The tables.</param>
    /// <param name="documents">The documents, of different packages.</param>
    /// <param name="remaindersByTerm">A JSON object of arrays of strings.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Those that changed; the others were older.</returns>
    public static Task<List<PackageKey>> PutDocumentsAsync(
        this SearchDbContext db, IndexRole role, IReadOnlyList<IndexedDocument> documents, string remaindersByTerm, CancellationToken cancellationToken) =>
        db.Database
            .SqlQuery<PackageKey>(TableQueries.In(role, $"""
            WITH learned AS (
                INSERT INTO name_terms (term, remainders)
                SELECT known.key, ARRAY(SELECT json_array_elements_text(known.value)) FROM json_each({remaindersByTerm}::json) AS known
                ORDER BY known.key COLLATE "C"
                ON CONFLICT DO NOTHING)
            INSERT INTO documents AS known
                (repository, package, revision, removed, scope, name_folded, unscoped_folded, name_term_count, readers, terms, document)
            SELECT repository, package, revision, removed, scope, name_folded, unscoped_folded, name_term_count,
                   ARRAY(SELECT json_array_elements_text(readers::json)), terms::tsvector, document
            FROM unnest({Each(documents, d => d.Repository)}, {Each(documents, d => d.Package)}, {Each(documents, d => d.Revision)}, {Each(documents, d => d.Removed)},
                        {Each(documents, d => d.Scope)}, {Each(documents, d => d.NameFolded)}, {Each(documents, d => d.UnscopedFolded)},
                        {Each(documents, d => d.NameTerms.Count)}, {Each(documents, d => JsonSerializer.Serialize(d.Readers, RegistryJson.Options))},
                        {Each(documents, TermVector.Of)}, {Each(documents, d => d.Json)})
                AS given (repository, package, revision, removed, scope, name_folded, unscoped_folded, name_term_count, readers, terms, document)
            ORDER BY repository COLLATE "C", package COLLATE "C"
            ON CONFLICT (repository, package) DO UPDATE SET
                revision = excluded.revision, removed = excluded.removed, scope = excluded.scope,
                name_folded = excluded.name_folded, unscoped_folded = excluded.unscoped_folded,
                name_term_count = excluded.name_term_count, readers = excluded.readers, terms = excluded.terms, document = excluded.document
            WHERE known.revision < excluded.revision
            RETURNING known.repository AS "Repository", known.package AS "Package"
            """))
            .ToListAsync(cancellationToken);

    /// <summary>
    /// Terms of names that share a remainder with one of these terms. They are found first and ordered then: a plan made for any remainders would
    /// rather walk through all terms in their order, until it has as many as are wanted.
    /// </summary>
    public static Task<List<string>> TermsNearAsync(this NpgsqlDataSource database, string[] remainders, CancellationToken cancellationToken) =>
        database.ReadAsync(
            $"""
            WITH near AS MATERIALIZED (SELECT term FROM name_terms WHERE remainders && {remainders})
            SELECT term FROM near ORDER BY term LIMIT {MostNearTerms}
            """,
            static row => row.GetString(0),
            cancellationToken);

    /// <summary>A page of everything the reader may read, by name.</summary>
    public static Task<List<FoundRow>> ListAsync(this NpgsqlDataSource database, SearchQuery query, CancellationToken cancellationToken)
    {
        var (ids, everything, unlimited, packages, scopes) = ReaderOf(query);
        var filter = TermVector.Of(query.Asked.Filter);
        return database.ReadAsync(
            $"""
            WITH visible AS (
                SELECT d.package, d.repository, d.document FROM documents AS d
                WHERE NOT d.removed AND ({query.Repository}::text IS NULL OR d.repository = {query.Repository})
                  AND ({filter}::text IS NULL OR d.terms @@ {filter}::tsquery)
                  AND ('*' = ANY (d.readers)
                       OR (({everything} OR d.readers && {ids})
                           AND ({unlimited} OR d.package = ANY ({packages}) OR d.scope = ANY ({scopes})))))
            SELECT counted.total AS total, 0::float8 AS score, page.document AS document
            FROM (SELECT count(*) AS total FROM visible) AS counted
            LEFT JOIN (SELECT * FROM visible ORDER BY package, repository OFFSET {query.Window.From} LIMIT {query.Window.Size}) AS page ON true
            ORDER BY page.package, page.repository
            """,
            FoundRow.Read,
            cancellationToken);
    }

    /// <summary>A page of what the reader may read and the terms find, ranked as <see cref="ISearchIndex"/> says.</summary>
    public static Task<List<FoundRow>> FindAsync(
        this NpgsqlDataSource database, SearchQuery query, string fullName, TermQueries terms, CancellationToken cancellationToken)
    {
        var (ids, everything, unlimited, packages, scopes) = ReaderOf(query);
        var filter = TermVector.Of(query.Asked.Filter);
        return database.ReadAsync(
            $"""
            WITH asked AS MATERIALIZED (
                SELECT (quoted || ':A')::tsquery AS name, (quoted || ':*A')::tsquery AS name_start,
                       (quoted || ':B')::tsquery AS keyword, (quoted || ':*B')::tsquery AS keyword_start,
                       (quoted || ':C')::tsquery AS described, (quoted || ':*C')::tsquery AS described_start
                FROM unnest({terms.Quoted}) AS quoted),
            found AS MATERIALIZED (
                SELECT d.package, d.repository, d.document,
                    CASE WHEN NOT {query.Asked.BoostsExact} THEN 0.0 WHEN d.name_folded = {fullName} THEN 1000.0 WHEN d.unscoped_folded = {fullName} THEN 500.0 ELSE 0.0 END
                    + (SELECT coalesce(sum(CASE
                          WHEN d.terms @@ name THEN 8.0 WHEN d.terms @@ name_start THEN 6.0
                          WHEN d.terms @@ keyword THEN 4.0 WHEN d.terms @@ keyword_start THEN 3.0
                          WHEN d.terms @@ described THEN 2.0 WHEN d.terms @@ described_start THEN 1.0
                          ELSE 0.5 END), 0) FROM asked)
                    + 0.1 / greatest(d.name_term_count, 1) AS score
                FROM documents AS d
                WHERE NOT d.removed AND ({query.Repository}::text IS NULL OR d.repository = {query.Repository})
                  AND ({filter}::text IS NULL OR d.terms @@ {filter}::tsquery)
                  AND (d.name_folded = {fullName} OR d.terms @@ {terms.All}::tsquery)
                  AND ('*' = ANY (d.readers)
                       OR (({everything} OR d.readers && {ids})
                           AND ({unlimited} OR d.package = ANY ({packages}) OR d.scope = ANY ({scopes})))))
            SELECT counted.total AS total, coalesce(page.score, 0)::float8 AS score, page.document AS document
            FROM (SELECT count(*) AS total FROM found) AS counted
            LEFT JOIN (SELECT * FROM found ORDER BY score DESC, package, repository OFFSET {query.Window.From} LIMIT {query.Window.Size}) AS page ON true
            ORDER BY page.score DESC, page.package, page.repository
            """,
            FoundRow.Read,
            cancellationToken);
    }

    private static T[] Each<T>(IReadOnlyList<IndexedDocument> documents, Func<IndexedDocument, T> member) => [.. documents.Select(member)];

    private static (string[] Ids, bool Everything, bool Unlimited, string[] Packages, string[] Scopes) ReaderOf(SearchQuery query)
    {
        var (ids, everything, limits) = query.Reader;
        var unlimited = limits is null or { Packages: null, Scopes: null };
        return ([.. ids], everything, unlimited, [.. limits?.Packages ?? []], [.. limits?.Scopes ?? []]);
    }
}

/// <summary>A row of a page; without results there is one row with the total alone.</summary>
internal sealed record FoundRow(long Total, double Score, string? Document)
{
    public static FoundRow Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetDouble(1), row.TextOf(2));
}

/// <summary>A query's terms as PostgreSQL reads them.</summary>
/// <param name="Quoted">Each term in quotes.</param>
/// <param name="All">Every term, as a beginning or with the terms a mistake away.</param>
internal sealed record TermQueries(string[] Quoted, string All);
