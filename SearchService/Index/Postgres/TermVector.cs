using System.Text;

namespace Registry.SearchService.Index.Postgres;

/// <summary>Terms and facets as PostgreSQL reads them.</summary>
internal static class TermVector
{
    /// <summary>The terms of a document as the text of a tsvector: name A, keywords B, description C, and its facets without a weight.</summary>
    public static string Of(IndexedDocument document)
    {
        var vector = new StringBuilder();
        Append(vector, document.NameTerms, "1A");
        Append(vector, document.KeywordTerms, "2B");
        Append(vector, document.TextTerms, "3C");
        Append(vector, document.Facets, "");
        return vector.ToString();
    }

    /// <summary>A filter as the text of a tsquery; null when it demands nothing.</summary>
    public static string? Of(SearchFilter filter) =>
        filter.IsEmpty
            ? null
            : string.Join(
                " & ",
                [.. filter.Required.Select(static one => $"({string.Join(" | ", one.Select(AllOf))})"), .. filter.Excluded.Select(static facet => $"!{Quoted(facet)}")]);

    /// <summary>A term in quotes.</summary>
    public static string Quoted(string term) =>
        $"'{term.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    private static string AllOf(string[] facets) => $"({string.Join(" & ", facets.Select(Quoted))})";

    private static void Append(StringBuilder vector, IReadOnlyList<string> terms, string weight)
    {
        var position = weight.Length == 0 ? " " : $":{weight} ";
        foreach (var term in terms)
        {
            vector.Append(Quoted(term)).Append(position);
        }
    }
}
