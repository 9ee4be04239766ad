using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using Npgsql;

using Registry.Contracts.Http.Packages;
using Registry.SearchService.Data;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Index.Postgres;

/// <summary>
/// The index in PostgreSQL: terms as a weighted <c>tsvector</c>, mistakes by a table of the terms names have. The index being
/// built is a second set of tables; switching swaps their names.
/// </summary>
internal sealed class PostgresSearchIndex(IDbContextFactory<SearchDbContext> contexts, NpgsqlDataSource database) : ISearchIndex
{
    private const int WrittenAtOnce = 100;
    private const int MostMeantTerms = 100;
    private const int RevisionsAtOnce = 5000;

    public string Engine => Engines.Postgres;

    public async Task<IReadOnlyList<IndexOutcome>> WriteAsync(IndexRole role, IReadOnlyList<IndexWrite> writes, CancellationToken cancellationToken)
    {
        var outcomes = new List<IndexOutcome>();
        foreach (var some in writes.Select(IndexedDocument.Of).Chunk(WrittenAtOnce))
        {
            outcomes.AddRange(await AnsweredAsync(WithAsync(db => WriteAsync(db, role, some, cancellationToken), cancellationToken)));
        }

        return outcomes;
    }

    public Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken) => AnsweredAsync(ReadPageAsync(query, cancellationToken));

    public Task<Guid?> FindAsync(IndexRole role, CancellationToken cancellationToken) =>
        AnsweredAsync(WithAsync(db => db.FindTablesAsync(role, cancellationToken), cancellationToken));

    public Task CreateAsync(IndexRole role, Guid identity, CancellationToken cancellationToken) =>
        AnsweredAsync(WithAsync(db => db.ClearTablesAsync(role, identity, cancellationToken), cancellationToken));

    public Task SwitchAsync(CancellationToken cancellationToken) =>
        AnsweredAsync(WithAsync(db => db.SwapTablesAsync(cancellationToken), cancellationToken));

    public async IAsyncEnumerable<PackageRevision> ReadRevisionsAsync(IndexRole role, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Page by page: one statement over everything would have to end within the limit statements have. A row that changes in
        // between only gets a higher revision, and those after the position compared are left out anyway.
        var last = new PackageRevision("", "", 0);
        while (true)
        {
            var page = await AnsweredAsync(WithAsync(db => db.RevisionsAfterAsync(role, last, RevisionsAtOnce, cancellationToken), cancellationToken));
            foreach (var revision in page)
            {
                yield return revision;
            }

            if (page.Count < RevisionsAtOnce)
            {
                yield break;
            }

            last = page[^1];
        }
    }

    private static TermQueries QueriesOf(IReadOnlyList<string> terms, IReadOnlyList<string> near)
    {
        var each = terms.Select(term =>
        {
            var meant = Typos.AreForgivenIn(term) ? near.Where(other => Typos.IsOneApart(term, other)).Take(MostMeantTerms) : [];
            return $"({string.Join(" | ", meant.Select(other => $"{TermVector.Quoted(other)}:A").Prepend($"{TermVector.Quoted(term)}:*"))})";
        });
        return new TermQueries([.. terms.Select(TermVector.Quoted)], string.Join(" & ", each));
    }

    private static SearchDocumentResponse Read(string json) => JsonSerializer.Deserialize<SearchDocumentResponse>(json, RegistryJson.Options)!;

    /// <summary>
    /// What is said of data that can never be taken: by the server with class 22 (a value of the wrong form) or 54 (over a limit of the
    /// engine), or before it is sent, of text that is none.
    /// </summary>
    private static bool IsRefusal(Exception failure) =>
        failure is EncoderFallbackException
        || (failure is PostgresException { SqlState: var state } && (state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("54", StringComparison.Ordinal)));

    private static bool IsAway(Exception failure) => (failure as NpgsqlException ?? failure.InnerException as NpgsqlException) is { IsTransient: true };

    private static async Task<T> AnsweredAsync<T>(Task<T> work)
    {
        await AnsweredAsync((Task)work);
        return await work;
    }

    private static async Task AnsweredAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception away) when (IsAway(away))
        {
            throw new TimeoutException("The search database does not answer.", away);
        }
    }

    private async Task<T> WithAsync<T>(Func<SearchDbContext, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await work(db);
    }

    private async Task WithAsync(Func<SearchDbContext, Task> work, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await work(db);
    }

    private async Task<SearchPage> ReadPageAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        var rows = query.Asked.Text.Length == 0
            ? await database.ListAsync(query, cancellationToken)
            : await FindAsync(query, cancellationToken);
        return new SearchPage(
            rows[0].Total,
            [.. rows.Where(row => row.Document is not null).Select(row => new SearchHit(Read(row.Document!), row.Score))]);
    }

    private async Task<List<FoundRow>> FindAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        var terms = Tokenizer.QueryTerms(query.Asked.Text);
        var forgiven = terms.Where(Typos.AreForgivenIn).ToList();
        var near = forgiven.Count == 0
            ? []
            : await database.TermsNearAsync([.. forgiven.SelectMany(Typos.Remainders).Distinct(StringComparer.Ordinal)], cancellationToken);
        var fullName = Tokenizer.Fold(query.Asked.Text);
        return await database.FindAsync(query, fullName, QueriesOf(terms, near), cancellationToken);
    }

    /// <summary>Writes all at once; where the server takes one of them never, each by itself: one document stops no other.</summary>
    private static async Task<IEnumerable<IndexOutcome>> WriteAsync(
        SearchDbContext db, IndexRole role, IndexedDocument[] documents, CancellationToken cancellationToken)
    {
        try
        {
            var remainders = documents.SelectMany(document => document.NameTerms).Where(Typos.CanBeMeant).Distinct(StringComparer.Ordinal)
                .ToDictionary(term => term, Typos.Remainders, StringComparer.Ordinal);
            var applied = (await db.PutDocumentsAsync(role, documents, JsonSerializer.Serialize(remainders, RegistryJson.Options), cancellationToken)).ToHashSet();
            return [.. documents.Select(document => applied.Contains(new PackageKey(document.Repository, document.Package))
                ? new IndexOutcome.Applied()
                : (IndexOutcome)new IndexOutcome.IgnoredAsOlder())];
        }
        catch (Exception refusal) when (IsRefusal(refusal))
        {
            if (documents is [_])
            {
                return [new IndexOutcome.Refused((refusal as PostgresException)?.MessageText ?? refusal.Message)];
            }

            var outcomes = new List<IndexOutcome>();
            foreach (var document in documents)
            {
                outcomes.AddRange(await WriteAsync(db, role, [document], cancellationToken));
            }

            return outcomes;
        }
    }
}
