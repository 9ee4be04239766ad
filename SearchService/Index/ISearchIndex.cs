using Registry.Contracts.Http.Packages;

namespace Registry.SearchService.Index;

/// <summary>
/// An index of one document per package. What matches and what ranks is the same for every engine and written down here;
/// the contract suite checks it.
/// <para>A package matches when every term of the query (<see cref="Tokenizer.QueryTerms"/>) is a term of its name, keywords or
/// description, or the beginning of one; a term of four or more characters also matches a term of the name one typing
/// mistake away. A package whose full name is the query matches always.</para>
/// <para>Ranking: the full name itself, then a name that is the query under some scope, then by the sum over the query's
/// terms of where each matches best (name, beginning in the name, keyword, beginning of one, description, beginning in it,
/// mistake in the name); then shorter names; then by name.</para>
/// <para>Writes are ordered by revision, whatever order they arrive in.</para>
/// </summary>
internal interface ISearchIndex
{
    /// <summary>Replaces the package's document unless one with this or a higher revision, or a removal, is there.</summary>
    Task<IndexOutcome> PutAsync(SearchDocumentResponse document, CancellationToken cancellationToken);

    /// <summary>Removes the package's document unless one with this or a higher revision is there; keeps the revision, so that an older document cannot come back.</summary>
    Task<IndexOutcome> RemoveAsync(string repository, string package, long revision, CancellationToken cancellationToken);

    /// <summary>Forgets every document and every removal.</summary>
    Task ClearAsync(CancellationToken cancellationToken);

    /// <summary>The packages a query finds, of those its reader may read, best first; the order does not change between pages.</summary>
    /// <exception cref="TimeoutException">The engine is away or too slow; the same query may succeed in a moment.</exception>
    Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken);
}

/// <summary>What became of a write to the index.</summary>
internal abstract record IndexOutcome
{
    private IndexOutcome()
    {
    }

    /// <summary>It is what searches see from now on.</summary>
    internal sealed record Applied : IndexOutcome;

    /// <summary>The index already knew this revision or a later one.</summary>
    internal sealed record IgnoredAsOlder : IndexOutcome;

    /// <summary>The engine will never take this document; trying again is of no use.</summary>
    internal sealed record Refused(string Reason) : IndexOutcome;
}
