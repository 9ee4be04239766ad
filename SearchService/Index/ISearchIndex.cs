using Registry.Contracts.Http.Packages;

namespace Registry.SearchService.Index;

/// <summary>
/// An index of one document per package. What matches and what ranks is the same for every engine and written down here;
/// the contract suite checks it.
/// <para>A package matches when every term of the query (<see cref="Tokenizer.QueryTerms"/>) is a term of its name, keywords or
/// description, or the beginning of one; a term of four or more characters also matches a term of the name one typing
/// mistake away. A package whose full name is the query matches always. Both only where the query's qualifiers
/// (<see cref="AskedText"/>) hold; a query of qualifiers alone, or of nothing, finds all of those.</para>
/// <para>Ranking: by name without terms, else the full name itself, then a name that is the query under some scope (neither when
/// <see cref="AskedText.BoostsExact"/> is off), then by the sum over the query's
/// terms of where each matches best (name, beginning in the name, keyword, beginning of one, description, beginning in it,
/// mistake in the name); then shorter names; then by name. Results after the first <see cref="SearchQuery.MostReachable"/> cannot be paged to.</para>
/// <para>Writes are ordered by revision, whatever order they arrive in; removals keep their revision.</para>
/// <para>An engine has up to two indexes: the one in use, and one being built beside it. Each carries an identity that is made with
/// it and never used again, so that whoever keeps a position for it notices when it was emptied or replaced.</para>
/// </summary>
internal interface ISearchIndex
{
    /// <summary>The engine, as metrics and tables name it.</summary>
    string Engine { get; }

    /// <summary>
    /// Writes documents and removals of different packages, each unless its revision or a higher one is there. A few are found by
    /// searches when this returns, many within a second: whoever fills an index does not wait for each page.
    /// </summary>
    /// <returns>What became of each, in their order.</returns>
    /// <exception cref="TimeoutException">The engine is away, has no such index, or is too busy; what of it was written is not known.</exception>
    Task<IReadOnlyList<IndexOutcome>> WriteAsync(IndexRole role, IReadOnlyList<IndexWrite> writes, CancellationToken cancellationToken);

    /// <summary>The packages a query finds in the index in use, of those its reader may read, best first; the order does not change between pages.</summary>
    /// <exception cref="TimeoutException">The engine is away or too slow; the same query may succeed in a moment.</exception>
    Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken);

    /// <summary>The identity of the index in a role; null when there is none.</summary>
    /// <exception cref="TimeoutException">The engine is away.</exception>
    Task<Guid?> FindAsync(IndexRole role, CancellationToken cancellationToken);

    /// <summary>Puts an empty index into a role; what was in it is dropped. One caller at a time.</summary>
    /// <exception cref="TimeoutException">The engine is away; it may or may not have happened.</exception>
    Task CreateAsync(IndexRole role, Guid identity, CancellationToken cancellationToken);

    /// <summary>
    /// The index being built becomes the one in use in one step, with everything written to it, and the former is dropped; searches
    /// are answered throughout. One caller at a time.
    /// </summary>
    /// <exception cref="TimeoutException">The engine is away; it may or may not have happened.</exception>
    Task SwitchAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Every document and removal with its revision, in byte order of repository and package, each as of some moment after the call
    /// began: nothing written before it is missing.
    /// </summary>
    /// <exception cref="TimeoutException">The engine is away.</exception>
    IAsyncEnumerable<PackageRevision> ReadRevisionsAsync(IndexRole role, CancellationToken cancellationToken);
}

/// <summary>Which of an engine's indexes is meant.</summary>
internal enum IndexRole
{
    /// <summary>The one searches use.</summary>
    Live,

    /// <summary>The one being built beside it.</summary>
    Next,
}

/// <summary>A package's document, or its removal.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Package">The package's full name.</param>
/// <param name="Revision">The revision it has with it.</param>
/// <param name="Document">The document; null removes it and keeps the revision, so that an older document cannot come back.</param>
internal sealed record IndexWrite(string Repository, string Package, long Revision, SearchDocumentResponse? Document)
{
    /// <summary>Writes a document.</summary>
    public static IndexWrite Put(SearchDocumentResponse document) => new(document.Repository, document.Package, document.Revision, document);

    /// <summary>Removes a document.</summary>
    public static IndexWrite Remove(string repository, string package, long revision) => new(repository, package, revision, null);
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
