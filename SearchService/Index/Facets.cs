using Registry.Contracts.Http.Packages;

namespace Registry.SearchService.Index;

/// <summary>
/// What qualifiers look at: <c>:author:ada</c>, <c>:keywords:cli</c>, <c>:is:unstable</c>. Values compare as names do, whole. A facet begins with
/// a colon, which no term contains, so an engine may keep the two in one place.
/// </summary>
internal static class Facets
{
    public const string Author = "author";
    public const string Is = "is";
    public const string Keywords = "keywords";
    public const string Maintainer = "maintainer";
    public const string Scope = "scope";
    public const string Unstable = "unstable";

    private const int LongestValue = 128;
    private const int Most = 500;

    /// <summary>A qualifier with its value, which is cut like those of documents.</summary>
    public static string Of(string qualifier, string value)
    {
        var folded = string.Join(' ', Tokenizer.Fold(value).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return $":{qualifier}:{Tokenizer.Cut(folded, LongestValue)}";
    }

    /// <summary>What can be said of a document.</summary>
    public static IReadOnlyList<string> Of(SearchDocumentResponse document)
    {
        IEnumerable<string> facets =
        [
            .. Each(Scope, [Tokenizer.ScopeOf(document.Package)]),
            .. Each(Is, [IsUnstable(document.Version) ? Unstable : null]),
            .. Each(Author, AuthorsOf(document)),
            .. Each(Maintainer, document.Maintainers.SelectMany(static person => (string?[])[person.Name, person.Email])),
            .. Each(Keywords, document.Keywords),
        ];
        return [.. facets.Distinct(StringComparer.Ordinal).Take(Most)];
    }

    /// <summary>Before 1.0.0, where every version may break what the one before it did (npm protocol 3.8).</summary>
    public static bool IsUnstable(string? version) =>
        version is not null && (version.StartsWith("0.", StringComparison.Ordinal) || version.StartsWith("1.0.0-", StringComparison.Ordinal));

    /// <summary>The author by name and address, and by the account with that address: clients ask for accounts, manifests name people.</summary>
    private static IEnumerable<string?> AuthorsOf(SearchDocumentResponse document) =>
        document.AuthorEmail is { } email
            ? [document.Author, email, .. Accounts(document).Where(account => string.Equals(account.Email, email, StringComparison.OrdinalIgnoreCase)).Select(account => account.Name)]
            : [document.Author];

    private static IEnumerable<Person> Accounts(SearchDocumentResponse document) =>
        document.Publisher is { } publisher ? document.Maintainers.Append(publisher) : document.Maintainers;

    private static IEnumerable<string> Each(string qualifier, IEnumerable<string?> values) =>
        values.Where(static value => !string.IsNullOrWhiteSpace(value)).Select(value => Of(qualifier, value!));
}
