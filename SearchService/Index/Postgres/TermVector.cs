using System.Text;

namespace Registry.SearchService.Index.Postgres;

/// <summary>Terms as PostgreSQL reads them. They are letters, digits and marks only, so quotes need no escape.</summary>
internal static class TermVector
{
    /// <summary>The terms of a document as the text of a tsvector: name A, keywords B, description C.</summary>
    public static string Of(IndexedDocument document)
    {
        var vector = new StringBuilder();
        Append(vector, document.NameTerms, "1A");
        Append(vector, document.KeywordTerms, "2B");
        Append(vector, document.TextTerms, "3C");
        return vector.ToString();
    }

    /// <summary>A term in quotes.</summary>
    public static string Quoted(string term) => $"'{term}'";

    private static void Append(StringBuilder vector, IReadOnlyList<string> terms, string weight)
    {
        foreach (var term in terms)
        {
            vector.Append(Quoted(term)).Append(':').Append(weight).Append(' ');
        }
    }
}
