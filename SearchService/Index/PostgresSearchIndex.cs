using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Npgsql;

using Registry.Contracts.Http.Packages;
using Registry.SearchService.Data;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Index;

/// <summary>The index in PostgreSQL: terms as a weighted <c>tsvector</c>, mistakes by a table of the terms names have.</summary>
internal sealed class PostgresSearchIndex(IDbContextFactory<SearchDbContext> contexts) : ISearchIndex
{
    private const int MostMeantTerms = 100;

    public Task<IndexOutcome> PutAsync(SearchDocumentResponse document, CancellationToken cancellationToken) =>
        WriteAsync(IndexedDocument.Of(document), cancellationToken);

    public Task<IndexOutcome> RemoveAsync(string repository, string package, long revision, CancellationToken cancellationToken) =>
        WriteAsync(IndexedDocument.Tombstone(repository, package, revision), cancellationToken);

    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.ClearDocumentsAsync(cancellationToken);
    }

    public async Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadPageAsync(query, cancellationToken);
        }
        catch (Exception away) when ((away as NpgsqlException ?? away.InnerException as NpgsqlException) is { IsTransient: true })
        {
            throw new TimeoutException("The search database does not answer.", away);
        }
    }

    private async Task<SearchPage> ReadPageAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = string.IsNullOrWhiteSpace(query.Text)
            ? await db.ListAsync(query, cancellationToken)
            : await FindAsync(db, query, cancellationToken);
        return new SearchPage(
            rows[0].Total,
            [.. rows.Where(row => row.Document is not null).Select(row => new SearchHit(Read(row.Document!), row.Score))]);
    }

    private static async Task<List<FoundRow>> FindAsync(SearchDbContext db, SearchQuery query, CancellationToken cancellationToken)
    {
        var terms = Tokenizer.QueryTerms(query.Text);
        var forgiven = terms.Where(Typos.AreForgivenIn).ToList();
        var near = forgiven.Count == 0
            ? []
            : await db.TermsNearAsync([.. forgiven.SelectMany(Typos.Remainders).Distinct(StringComparer.Ordinal)], cancellationToken);
        var fullName = Tokenizer.Fold(Tokenizer.CutQuery(query.Text));
        return await db.FindAsync(query, fullName, QueriesOf(terms, near), cancellationToken);
    }

    private static TermQueries QueriesOf(IReadOnlyList<string> terms, IReadOnlyList<string> near)
    {
        var each = terms.Select(term =>
        {
            var meant = Typos.AreForgivenIn(term) ? near.Where(other => Typos.IsOneApart(term, other)).Take(MostMeantTerms) : [];
            return $"({string.Join(" | ", meant.Select(other => $"{Quoted(other)}:A").Prepend($"{Quoted(term)}:*"))})";
        });
        return new TermQueries([.. terms.Select(Quoted)], string.Join(" & ", each));
    }

    /// <summary>Terms are letters, digits and marks only, so quotes need no escape.</summary>
    private static string Quoted(string term) => $"'{term}'";

    private static SearchDocumentResponse Read(string json) => JsonSerializer.Deserialize<SearchDocumentResponse>(json, RegistryJson.Options)!;

    /// <summary>What a server says of data it can never take: class 22 (a value of the wrong form), 54 (over a limit of the engine).</summary>
    private static bool IsRefusal(PostgresException failure) =>
        failure.SqlState.StartsWith("22", StringComparison.Ordinal) || failure.SqlState.StartsWith("54", StringComparison.Ordinal);

    private async Task<IndexOutcome> WriteAsync(IndexedDocument document, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        try
        {
            // First, so that a document is never findable without its terms being known; a term no document has finds nothing.
            var remainders = document.NameTerms.Where(Typos.CanBeMeant).ToDictionary(term => term, Typos.Remainders, StringComparer.Ordinal);
            if (remainders.Count > 0)
            {
                await db.LearnNameTermsAsync(JsonSerializer.Serialize(remainders, RegistryJson.Options), cancellationToken);
            }

            return await db.PutDocumentAsync(document, cancellationToken) == 1 ? new IndexOutcome.Applied() : new IndexOutcome.IgnoredAsOlder();
        }
        catch (PostgresException failure) when (IsRefusal(failure))
        {
            return new IndexOutcome.Refused(failure.MessageText);
        }
    }
}
