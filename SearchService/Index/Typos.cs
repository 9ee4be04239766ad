using System.Buffers;
using System.Text;

namespace Registry.SearchService.Index;

/// <summary>
/// One typing mistake: a character too many, too few, another one, or two neighbours swapped. Terms are looked up by what is
/// left of them without one character: two terms one mistake apart always share such a remainder (or one is a remainder of
/// the other), so an index over the remainders finds every candidate and the distance decides.
/// </summary>
internal static class Typos
{
    /// <summary>Shortest term of a query that may contain a mistake.</summary>
    public const int ShortestTerm = 4;

    private const int LongestTerm = 32;
    private const string Mask = "?"; // no term contains one

    /// <summary>True when a mistake in this term of a query is forgiven.</summary>
    public static bool AreForgivenIn(string term) => term.Length is >= ShortestTerm and <= LongestTerm;

    /// <summary>True when this term of a name can be meant by a term with a mistake.</summary>
    public static bool CanBeMeant(string term) => term.Length is >= ShortestTerm - 1 and <= LongestTerm + 1;

    /// <summary>The term itself and what is left of it without one character.</summary>
    public static string[] Remainders(string term) => [.. Shortened(term).Append(term)];

    /// <summary>What is left of a term without one character.</summary>
    public static IEnumerable<string> Shortened(string term) => Distinct(term, at => term.Remove(at, 1));

    /// <summary>A term with one character hidden: two terms of the same length that share one differ in that character at most.</summary>
    public static IEnumerable<string> Masked(string term) => Distinct(term, at => string.Concat(term.AsSpan(0, at), Mask, term.AsSpan(at + 1)));

    /// <summary>A term with two neighbours swapped.</summary>
    public static IEnumerable<string> Swapped(string term) =>
        Distinct(term, at => at == 0 ? term : $"{term.AsSpan(0, at - 1)}{term[at]}{term[at - 1]}{term.AsSpan(at + 1)}");

    /// <summary>True when exactly one mistake lies between two terms.</summary>
    public static bool IsOneApart(string one, string other)
    {
        if (one.Length < other.Length)
        {
            (one, other) = (other, one);
        }

        var same = one.AsSpan().CommonPrefixLength(other);
        var left = one.AsSpan(same);
        var right = other.AsSpan(same);
        return (left.Length - right.Length) switch
        {
            1 => left[1..].SequenceEqual(right),
            0 when left.Length > 0 => left[1..].SequenceEqual(right[1..])
                || (left.Length > 1 && left[0] == right[1] && left[1] == right[0] && left[2..].SequenceEqual(right[2..])),
            _ => false,
        };
    }

    /// <summary>A letter beyond the basic plane is two characters; half of one cannot be stored or sent, so such a mistake is not forgiven.</summary>
    private static IEnumerable<string> Distinct(string term, Func<int, string> changed) =>
        Enumerable.Range(0, term.Length).Select(changed).Where(IsWellFormed).Distinct(StringComparer.Ordinal);

    private static bool IsWellFormed(string text)
    {
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != OperationStatus.Done)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }
}
