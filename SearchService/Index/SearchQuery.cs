using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults.Access;

namespace Registry.SearchService.Index;

/// <summary>A question to the index.</summary>
/// <param name="Text">What was typed, at most <see cref="Tokenizer.LongestQuery"/> characters of it are looked at; without terms it lists by name.</param>
/// <param name="Repository">The repository to search; null searches all.</param>
/// <param name="Reader">Who asks.</param>
/// <param name="From">How many results to skip, from 0.</param>
/// <param name="Size">Most results on the page, from 0.</param>
internal sealed record SearchQuery(string Text, string? Repository, SearchReader Reader, int From, int Size)
{
    /// <summary>How many results can be paged to; what follows is counted but not shown. Every page costs an engine all those before it.</summary>
    public const int MostReachable = 10_000;

    /// <summary>What was typed, as it is understood.</summary>
    public AskedText Asked { get; } = AskedText.Parse(Text);

    /// <summary>The part of the page that can be reached; beyond, a page of nothing.</summary>
    public (int From, int Size) Window
    {
        get
        {
            var from = Math.Min(From, MostReachable);
            return (from, Math.Min(Size, MostReachable - from));
        }
    }
}

/// <summary>
/// Who asks, as documents name their readers. What everyone may read is seen whatever the credential; the rest only
/// within what the access token is limited to.
/// </summary>
/// <param name="Ids">The reader ids the caller goes by.</param>
/// <param name="ReadsEverything">May read every package (an administrator).</param>
/// <param name="Limits">What the access token is limited to; null means no limit.</param>
internal sealed record SearchReader(IReadOnlyList<string> Ids, bool ReadsEverything, TokenLimits? Limits)
{
    /// <summary>Somebody without an account.</summary>
    public static SearchReader Anonymous { get; } = new([SearchDocumentResponse.Everyone], false, null);

    /// <summary>The reader a caller is.</summary>
    public static SearchReader Of(Caller caller) =>
        caller.IsSignedIn()
            ? new SearchReader(
                [
                    SearchDocumentResponse.Everyone,
                    SearchDocumentResponse.SignedIn,
                    $"user:{caller.UserId}",
                    .. caller.OrganisationIds.Select(id => $"org:{id}"),
                    .. caller.TeamIds.Select(id => $"team:{id}"),
                ],
                caller.IsAdministrator,
                caller.Limits)
            : Anonymous;
}

/// <summary>A page of what a query finds.</summary>
/// <param name="Total">All matches the reader may see, not only this page's.</param>
/// <param name="Hits">This page's matches, best first.</param>
internal sealed record SearchPage(long Total, IReadOnlyList<SearchHit> Hits);

/// <summary>A package found.</summary>
/// <param name="Document">What is known of it; its version is never null.</param>
/// <param name="Score">How well it matches; comparable within one answer only.</param>
internal sealed record SearchHit(SearchDocumentResponse Document, double Score);
