using System.Text.Json;

using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.SearchService.Index;

/// <summary>A document with its terms, or what a removed package leaves, as every engine keeps it.</summary>
internal sealed record IndexedDocument
{
    /// <summary>What is kept, as a number: raised with it, so that indexes filled before are rebuilt.</summary>
    public const int Layout = 1;

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

    public IReadOnlyList<string> KeywordTerms { get; init; } = [];

    public IReadOnlyList<string> TextTerms { get; init; } = [];

    public IReadOnlyList<string> Facets { get; init; } = [];

    /// <summary>The document as it is answered; empty for a removal.</summary>
    public string Json { get; init; } = "";

    public static IndexedDocument Of(IndexWrite write) =>
        write.Document is { } document ? Of(document) : new() { Repository = write.Repository, Package = write.Package, Revision = write.Revision, Removed = true };

    private static IndexedDocument Of(SearchDocumentResponse document)
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
            KeywordTerms = Tokenizer.IndexTerms(string.Join(' ', document.Keywords), MostKeywordTerms),
            TextTerms = Tokenizer.IndexTerms(document.Description, MostTextTerms),
            Facets = Index.Facets.Of(document),
            Json = JsonSerializer.Serialize(document, RegistryJson.Options),
        };
    }
}
