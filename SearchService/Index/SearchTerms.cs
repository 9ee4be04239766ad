using System.Globalization;
using System.Text;

namespace Registry.SearchService.Index;

/// <summary>
/// The one tokenizer: every engine is given the same terms and needs no analysis of its own. Text is folded (marks and
/// case) and cut at whatever is no letter or digit; names are also cut where the case or the kind of character
/// changes, and kept in one piece.
/// </summary>
internal static class SearchTerms
{
    private const int LongestTerm = 64;
    private const int MostTerms = 256;
    private const int MostQueryTerms = 8;
    private const int ShortestMisspelt = 4;

    /// <summary>Terms of a package's name: <c>@acme/leftPad2</c> gives acme, leftpad2, left, pad, 2, acmeleftpad2.</summary>
    public static IReadOnlyList<string> OfName(string name)
    {
        var terms = new List<string>();
        foreach (var word in Words(name, foldCase: false))
        {
            terms.AddRange(Humps(word));
        }

        terms.AddRange(Words(name));
        foreach (var part in name.Split('/'))
        {
            terms.Add(string.Concat(Words(part)));
        }

        terms.Add(string.Concat(Words(name)));
        return Bounded(terms, MostTerms);
    }

    /// <summary>Terms of running text or keywords.</summary>
    public static IReadOnlyList<string> OfText(IEnumerable<string?> texts) =>
        Bounded(texts.SelectMany(text => Words(text ?? "")), MostTerms);

    /// <summary>Terms of what a user typed: each must match.</summary>
    public static IReadOnlyList<string> OfQuery(string query) => Bounded(Words(query), MostQueryTerms);

    /// <summary>
    /// A term and what is left of it when any one character is dropped. Two terms that share one of these are one slip of the
    /// keyboard apart: a letter left out, doubled, mistaken or swapped. Short terms give none, everything is close to them.
    /// </summary>
    public static IReadOnlyList<string> Misspellings(string term) =>
        term.Length < ShortestMisspelt ? [] : [term, .. Enumerable.Range(0, term.Length).Select(at => term.Remove(at, 1)).Distinct()];

    private static List<string> Bounded(IEnumerable<string> terms, int most) =>
        [.. terms.Where(term => term.Length > 0).Select(term => term.Length > LongestTerm ? term[..LongestTerm] : term).Distinct().Take(most)];

    private static IEnumerable<string> Words(string text, bool foldCase = true)
    {
        var word = new StringBuilder();
        foreach (var character in text)
        {
            if (char.IsLetterOrDigit(character) || char.IsSurrogate(character))
            {
                var plain = LatinLetters.Fold(character);
                word.Append(foldCase ? char.ToLowerInvariant(plain) : plain);
            }
            else if (char.GetUnicodeCategory(character) != UnicodeCategory.NonSpacingMark && word.Length > 0)
            {
                yield return WellFormed(word);
                word.Clear();
            }
        }

        if (word.Length > 0)
        {
            yield return WellFormed(word);
        }
    }

    /// <summary>Half a surrogate pair is no text anyone meant, and no store takes it.</summary>
    private static string WellFormed(StringBuilder word) =>
        string.Concat(word.ToString().EnumerateRunes().Where(Rune.IsLetterOrDigit).Select(rune => rune.ToString()));

    /// <summary>Cuts <c>leftPad2</c> into left, pad, 2.</summary>
    private static IEnumerable<string> Humps(string word)
    {
        var from = 0;
        for (var at = 1; at < word.Length; at++)
        {
            if (char.IsDigit(word[at]) != char.IsDigit(word[at - 1]) || (char.IsUpper(word[at]) && !char.IsUpper(word[at - 1])))
            {
                yield return word[from..at].ToLowerInvariant();
                from = at;
            }
        }

        yield return word[from..].ToLowerInvariant();
    }
}
