using System.Globalization;
using System.Text;

namespace Registry.SearchService.Index;

/// <summary>
/// Splits names, keywords, text and queries into terms, the same for every engine. A term is a run of letters and digits,
/// lower-cased and without marks on its letters, at most 64 characters. What is indexed is also split inside a run, at
/// <c>camelCase</c>, <c>HTMLParser</c> and between letters and digits, and found by the whole run and by each part. Chinese
/// and Japanese characters stand without spaces, so each is a term.
/// </summary>
internal static class Tokenizer
{
    /// <summary>Longest term; what is longer is cut, in the index and in queries alike.</summary>
    public const int LongestTerm = 64;

    /// <summary>Longest query looked at, in characters.</summary>
    public const int LongestQuery = 256;

    /// <summary>Most terms of a query; further ones are not looked at.</summary>
    public const int MostQueryTerms = 16;

    /// <summary>The distinct terms of a text, parts included, in order of appearance.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="limit">Most terms returned.</param>
    public static IReadOnlyList<string> IndexTerms(string? text, int limit) => Distinct(WordsOf(text ?? "").SelectMany(WithParts), limit);

    /// <summary>The distinct terms of a full name: as any text, and the name without its scope run together (<c>reactdom</c> for <c>react-dom</c>).</summary>
    public static IReadOnlyList<string> NameTerms(string fullName)
    {
        var terms = WordsOf(fullName).SelectMany(WithParts);
        var joined = string.Concat(WordsOf(Unscoped(fullName)).Select(word => word.Text));
        return Distinct(joined.Length == 0 ? terms : terms.Append(Cut(joined)), 64);
    }

    /// <summary>The distinct terms of a query: whole runs only, so that <c>isEqual</c> asks for <c>isequal</c> and not for every <c>is</c>.</summary>
    public static IReadOnlyList<string> QueryTerms(string query) => Distinct(WordsOf(CutQuery(query)).Select(word => Cut(word.Text)), MostQueryTerms);

    /// <summary>A name as names are compared: lower-cased, without marks, without control characters.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsControl(rune))
            {
                AppendFolded(folded, rune);
            }
        }

        return folded.ToString();
    }

    /// <summary>The part of a full name after its scope.</summary>
    public static string Unscoped(string fullName) =>
        fullName.StartsWith('@') && fullName.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? fullName[(slash + 1)..] : fullName;

    /// <summary>The scope of a full name without the <c>@</c>; null when it has none.</summary>
    public static string? ScopeOf(string fullName) =>
        fullName.StartsWith('@') && fullName.IndexOf('/', StringComparison.Ordinal) is > 1 and var slash ? fullName[1..slash] : null;

    /// <summary>At most <see cref="LongestQuery"/> characters of a query, without the white space around it.</summary>
    public static string CutQuery(string query)
    {
        var trimmed = query.AsSpan().Trim();
        return trimmed[..LengthWithin(trimmed, LongestQuery)].ToString();
    }

    /// <summary>At most so many characters of a text, and never half of one beyond the basic plane, which can be neither stored nor sent.</summary>
    public static string Cut(string text, int longest) => text.Length <= longest ? text : text[..LengthWithin(text, longest)];

    private static string Cut(string term) => Cut(term, LongestTerm);

    private static int LengthWithin(ReadOnlySpan<char> text, int longest) =>
        text.Length <= longest ? text.Length : longest - (char.IsHighSurrogate(text[longest - 1]) ? 1 : 0);

    private static List<string> Distinct(IEnumerable<string> terms, int limit) => [.. terms.Distinct(StringComparer.Ordinal).Take(limit)];

    private static IEnumerable<string> WithParts(Word word)
    {
        yield return Cut(word.Text);
        for (var i = 0; word.Starts.Count > 1 && i < word.Starts.Count; i++)
        {
            var end = i + 1 < word.Starts.Count ? word.Starts[i + 1] : word.Text.Length;
            yield return Cut(word.Text[word.Starts[i]..end]);
        }
    }

    private static IEnumerable<Word> WordsOf(string text)
    {
        var word = new WordBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            var kind = KindOf(rune);
            if (kind is Kind.Separator or Kind.Ideograph && word.Take() is { } ended)
            {
                yield return ended;
            }

            if (kind == Kind.Ideograph)
            {
                yield return new Word(Folded(rune), [0]);
            }
            else if (kind != Kind.Separator)
            {
                word.Add(rune, kind);
            }
        }

        if (word.Take() is { } last)
        {
            yield return last;
        }
    }

    private static string Folded(Rune rune)
    {
        var folded = new StringBuilder();
        AppendFolded(folded, rune);
        return folded.ToString();
    }

    private static void AppendFolded(StringBuilder folded, Rune rune)
    {
        if (rune.Value is >= 0x300 and <= 0x36F)
        {
            return; // a mark that stands by itself
        }

        var lower = Rune.ToLowerInvariant(rune);
        if (lower.IsBmp && FoldedLetters.All.TryGetValue((char)lower.Value, out var plain))
        {
            folded.Append(plain);
        }
        else
        {
            folded.Append(lower);
        }
    }

    private static Kind KindOf(Rune rune) =>
        rune.Value is (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF)
            ? Kind.Ideograph
            : Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => Kind.Upper,
                UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter => Kind.Lower,
                UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark => Kind.Mark,
                UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Digit,
                _ => Kind.Separator,
            };

    private enum Kind
    {
        Separator,
        Ideograph,
        Upper,
        Lower,
        Digit,
        Mark,
    }

    /// <summary>A run of letters and digits, folded, and where its parts start.</summary>
    private sealed record Word(string Text, IReadOnlyList<int> Starts);

    private sealed class WordBuilder
    {
        private readonly StringBuilder _text = new();
        private readonly List<int> _starts = [];
        private Kind _previous = Kind.Separator;
        private int _lastAt;

        public void Add(Rune rune, Kind kind)
        {
            var at = _text.Length;
            AppendFolded(_text, rune);
            if (kind == Kind.Mark)
            {
                return;
            }

            var startsPart = kind == Kind.Digit ? _previous != Kind.Digit : _previous is Kind.Separator or Kind.Digit || (kind, _previous) is (Kind.Upper, Kind.Lower);
            if (startsPart)
            {
                _starts.Add(at);
            }
            else if ((kind, _previous) is (Kind.Lower, Kind.Upper) && _starts[^1] != _lastAt)
            {
                _starts.Add(_lastAt); // the last capital of HTMLParser belongs to Parser
            }

            _previous = kind;
            _lastAt = at;
        }

        public Word? Take()
        {
            var word = _text.Length == 0 || _starts.Count == 0 ? null : new Word(_text.ToString(), [.. _starts]);
            _text.Clear();
            _starts.Clear();
            _previous = Kind.Separator;
            return word;
        }
    }
}
