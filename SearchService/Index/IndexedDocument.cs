using System.Text;
using System.Text.Json;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Index;

/// <summary>A document with its terms, as the PostgreSQL index keeps it.</summary>
internal sealed record IndexedDocument
{
    private const int MostKeywordTerms = 200;
    private const int MostTextTerms = 1000;

    public required string Repository { get; init; }

    public required string Package { get; init; }

    public required long Revision { get; init; }

    public bool Removed { get; init; }

    public string? Scope { get; init; }

    public string NameFolded { get; init; } = "";

    public string UnscopedFolded { get; init; } = "";

    public IReadOnlyList<string> NameTerms { get; init; } = [];

    public string[] Readers { get; init; } = [];

    /// <summary>The terms as the text of a tsvector: name A, keywords B, description C.</summary>
    public string TermVector { get; init; } = "";

    public string Json { get; init; } = "";

    public static IndexedDocument Of(SearchDocumentResponse document)
    {
        var nameTerms = Tokenizer.NameTerms(document.Package);
        return new IndexedDocument
        {
            Repository = document.Repository,
            Package = document.Package,
            Revision = document.Revision,
            Scope = Tokenizer.ScopeOf(document.Package),
            NameFolded = Tokenizer.Fold(document.Package),
            UnscopedFolded = Tokenizer.Fold(Tokenizer.Unscoped(document.Package)),
            NameTerms = nameTerms,
            Readers = [.. document.Readers.Distinct(StringComparer.Ordinal)],
            TermVector = VectorOf(
                nameTerms,
                Tokenizer.IndexTerms(string.Join(' ', document.Keywords), MostKeywordTerms),
                Tokenizer.IndexTerms(document.Description, MostTextTerms)),
            Json = JsonSerializer.Serialize(document, RegistryJson.Options),
        };
    }

    /// <summary>What a removed package leaves.</summary>
    public static IndexedDocument Tombstone(string repository, string package, long revision) =>
        new() { Repository = repository, Package = package, Revision = revision, Removed = true };

    private static string VectorOf(IReadOnlyList<string> name, IReadOnlyList<string> keywords, IReadOnlyList<string> text)
    {
        var vector = new StringBuilder();
        Append(vector, name, "1A");
        Append(vector, keywords, "2B");
        Append(vector, text, "3C");
        return vector.ToString();
    }

    private static void Append(StringBuilder vector, IReadOnlyList<string> terms, string weight)
    {
        foreach (var term in terms)
        {
            // Terms are letters, digits and marks only, so quotes need no escape.
            vector.Append('\'').Append(term).Append("':").Append(weight).Append(' ');
        }
    }
}
