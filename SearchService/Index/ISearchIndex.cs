using Registry.Contracts.Http.Packages;

namespace Registry.SearchService.Index;

/// <summary>
/// One document per package, guarded by revision: deliveries may repeat, arrive late or out of order. No type of an
/// engine crosses this interface; every implementation passes one contract suite.
/// </summary>
internal interface ISearchIndex
{
    /// <summary>Writes a document unless a higher revision of the package, or its removal at one, is already known.</summary>
    /// <exception cref="DocumentRefusedException">The engine cannot hold this document; others are not affected.</exception>
    Task<IndexOutcome> PutAsync(SearchDocumentResponse document, CancellationToken cancellationToken);

    /// <summary>Removes a package's document and remembers the revision, so that an older write does not bring it back.</summary>
    Task<IndexOutcome> RemoveAsync(string repository, string package, long revision, CancellationToken cancellationToken);

    /// <summary>Forgets everything: the feed of changes has another epoch.</summary>
    Task ClearAsync(CancellationToken cancellationToken);

    /// <summary>Finds what matches and the caller may read, best first, in an order that is the same for every page.</summary>
    Task<SearchPage> SearchAsync(SearchQuery query, CancellationToken cancellationToken);
}

/// <summary>What became of a write.</summary>
internal enum IndexOutcome
{
    /// <summary>It is in the index now.</summary>
    Applied,

    /// <summary>The index already knew this revision or a higher one.</summary>
    IgnoredAsOlder,
}

/// <summary>What to find.</summary>
/// <param name="Text">Words as the user typed them; empty finds everything, by name.</param>
/// <param name="Repository">Only this repository; null means all.</param>
/// <param name="Readers">Reader ids of the caller; a document is found when it names one of them. Null sees everything (administrators).</param>
/// <param name="From">How many matches to pass over.</param>
/// <param name="Size">How many to return.</param>
internal sealed record SearchQuery(string Text, string? Repository, IReadOnlyList<string>? Readers, int From, int Size);

/// <summary>A page of matches.</summary>
/// <param name="Total">All matches the caller may read.</param>
/// <param name="Hits">This page's.</param>
internal sealed record SearchPage(long Total, IReadOnlyList<SearchHit> Hits);

/// <summary>A match.</summary>
/// <param name="Document">The package.</param>
/// <param name="Score">How well it matches; comparable within one query only.</param>
internal sealed record SearchHit(SearchDocumentResponse Document, double Score);

/// <summary>The engine cannot hold a document.</summary>
internal sealed class DocumentRefusedException(string message, Exception inner) : Exception(message, inner);
