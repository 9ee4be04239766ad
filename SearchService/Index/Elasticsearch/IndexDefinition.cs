using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Registry.SearchService.Index.Elasticsearch;

/// <summary>
/// What an index holds and how. Terms come from our tokenizer, so fields only split at the spaces we put between them; an unknown
/// field is refused instead of guessed.
/// </summary>
internal static class IndexDefinition
{
    public const string Repository = "repository";
    public const string Package = "package";
    public const string Revision = "revision";
    public const string Removed = "removed";
    public const string Scope = "scope";
    public const string NameFolded = "name_folded";
    public const string UnscopedFolded = "unscoped_folded";
    public const string NameTermCount = "name_term_count";
    public const string NameTerms = "name_terms";
    public const string NameMistakes = "name_mistakes";
    public const string KeywordTerms = "keyword_terms";
    public const string TextTerms = "text_terms";
    public const string Facets = "facets";
    public const string Readers = "readers";
    public const string Document = "document";
    public const string Identity = "identity";

    /// <summary>Settings and mapping of a new index.</summary>
    /// <param name="identity">What it is recognised by.</param>
    /// <param name="refreshInterval">How often written documents become findable. Set explicitly, or an index nobody searched for a while stops refreshing.</param>
    public static JsonObject Of(Guid identity, TimeSpan refreshInterval) =>
        new()
        {
            ["settings"] = new JsonObject
            {
                ["number_of_shards"] = 1, // some million short documents; one shard makes totals and order the same everywhere
                ["auto_expand_replicas"] = "0-1",
                ["refresh_interval"] = $"{(long)refreshInterval.TotalMilliseconds}ms",
                ["max_result_window"] = SearchQuery.MostReachable,
            },
            ["mappings"] = new JsonObject
            {
                ["dynamic"] = "strict",
                ["_meta"] = new JsonObject { [Identity] = identity.ToString() },
                ["properties"] = Properties(),
            },
        };

    /// <summary>The id of a package's document. Names can be longer than ids may be.</summary>
    public static string IdOf(string repository, string package) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{repository}\0{package}")));

    /// <summary>Writes a package's document as the index holds it.</summary>
    public static void Write(Utf8JsonWriter json, IndexedDocument document)
    {
        json.WriteStartObject();
        json.WriteString(Repository, document.Repository);
        json.WriteString(Package, document.Package);
        json.WriteNumber(Revision, document.Revision);
        json.WriteBoolean(Removed, document.Removed);
        if (!document.Removed)
        {
            json.WriteString(Scope, document.Scope);
            json.WriteString(NameFolded, document.NameFolded);
            json.WriteString(UnscopedFolded, document.UnscopedFolded);
            json.WriteNumber(NameTermCount, Math.Max(document.NameTerms.Count, 1));
            json.WriteString(NameTerms, string.Join(' ', document.NameTerms));
            json.WriteString(KeywordTerms, string.Join(' ', document.KeywordTerms));
            json.WriteString(TextTerms, string.Join(' ', document.TextTerms));
            WriteTexts(json, NameMistakes, document.NameTerms.Where(Typos.CanBeMeant).SelectMany(MistakesOf).Distinct(StringComparer.Ordinal));
            WriteTexts(json, Facets, document.Facets);
            WriteTexts(json, Readers, document.Readers);
            json.WritePropertyName(Document);
            json.WriteRawValue(document.Json);
        }

        json.WriteEndObject();
    }

    /// <summary>
    /// What a mistyped term of a query is recognised by: the name's term without one character (the query lacks one), and with one
    /// hidden (the query has another one there). One too many and two swapped are undone in the query.
    /// </summary>
    private static IEnumerable<string> MistakesOf(string term) => Typos.Shortened(term).Concat(Typos.Masked(term));

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static JsonObject Properties() =>
        new()
        {
            [Repository] = Keyword(),
            [Package] = Keyword(),
            [Revision] = new JsonObject { ["type"] = "long" },
            [Removed] = new JsonObject { ["type"] = "boolean" },
            [Scope] = Looked(),
            [NameFolded] = Looked(),
            [UnscopedFolded] = Looked(),
            [NameTermCount] = new JsonObject { ["type"] = "integer" },
            [NameTerms] = Terms(),
            [NameMistakes] = Looked(),
            [KeywordTerms] = Terms(),
            [TextTerms] = Terms(),
            [Facets] = Looked(),
            [Readers] = Looked(),
            [Document] = new JsonObject { ["type"] = "object", ["enabled"] = false }, // kept and answered, never looked into
        };

    /// <summary>The mapping of the one field that an index may lack.</summary>
    public static JsonObject Facet() => new() { ["properties"] = new JsonObject { [Facets] = Looked() } };

    private static JsonObject Keyword() => new() { ["type"] = "keyword" };

    /// <summary>Looked up, never sorted by.</summary>
    private static JsonObject Looked() => new() { ["type"] = "keyword", ["doc_values"] = false };

    private static JsonObject Terms() =>
        new()
        {
            ["type"] = "text",
            ["analyzer"] = "whitespace",
            ["index_options"] = "docs",
            ["norms"] = false,
            ["index_prefixes"] = new JsonObject { ["min_chars"] = 1, ["max_chars"] = 19 },
        };
}
