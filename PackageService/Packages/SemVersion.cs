using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Registry.PackageService.Packages;

/// <summary>
/// A version by the strict rules of Semantic Versioning 2: no leading <c>v</c>, no leading zeros, three numbers that every
/// client can hold. Equality is that of the text; order is precedence, which ignores build metadata.
/// </summary>
internal sealed partial record SemVersion : IComparable<SemVersion>, IParsable<SemVersion>
{
    /// <summary>The longest version npm clients read.</summary>
    public const int MaxLength = 256;

    private const long MaxNumber = 9007199254740991; // the largest integer JavaScript clients hold exactly

    private SemVersion(string value, long[] numbers, string[] prerelease)
    {
        Value = value;
        IsPrerelease = prerelease.Length > 0;
        SortKey = SortKeyOf(numbers, prerelease);
    }

    /// <summary>The version as it was written, build metadata included.</summary>
    public string Value { get; }

    /// <summary>It has a pre-release part.</summary>
    public bool IsPrerelease { get; }

    /// <summary>ASCII text whose byte order is the order of precedence; a column that holds it needs the collation <c>C</c>.</summary>
    public string SortKey { get; }

    public static bool operator <(SemVersion left, SemVersion right) => left.CompareTo(right) < 0;

    public static bool operator <=(SemVersion left, SemVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >(SemVersion left, SemVersion right) => left.CompareTo(right) > 0;

    public static bool operator >=(SemVersion left, SemVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public static SemVersion Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var version) ? version : throw new FormatException("This is not a semantic version.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out SemVersion result)
    {
        result = null;
        if (s is null || s.Length > MaxLength || Strict().Match(s) is not { Success: true } match)
        {
            return false;
        }

        var numbers = new long[3];
        for (var i = 0; i < 3; i++)
        {
            if (!long.TryParse(match.Groups[i + 1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])
                || numbers[i] > MaxNumber)
            {
                return false;
            }
        }

        result = new SemVersion(s, numbers, match.Groups[4].Success ? match.Groups[4].Value.Split('.') : []);
        return true;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out SemVersion)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, [MaybeNullWhen(false)] out SemVersion result) => TryParse(s, null, out result);

    /// <summary>Compares precedence; versions that differ in build metadata alone compare as equal.</summary>
    public int CompareTo(SemVersion? other) => other is null ? 1 : string.CompareOrdinal(SortKey, other.SortKey);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>
    /// A number is preceded by its length, so that more digits sort later. After the numbers a release continues with
    /// <c>~</c>, above the <c>-</c> of a pre-release; identifiers are marked <c>0</c> (number) or <c>A</c> (text) and end in
    /// <c>!</c>, which is below everything an identifier contains, so that the shorter one comes first.
    /// </summary>
    private static string SortKeyOf(long[] numbers, string[] prerelease)
    {
        var key = new StringBuilder(64);
        foreach (var number in numbers)
        {
            var digits = number.ToString(CultureInfo.InvariantCulture);
            key.Append((char)('a' + digits.Length)).Append(digits);
        }

        key.Append(prerelease.Length == 0 ? '~' : '-');
        foreach (var identifier in prerelease)
        {
            if (identifier.All(char.IsAsciiDigit))
            {
                key.Append('0').Append(CultureInfo.InvariantCulture, $"{identifier.Length:d3}").Append(identifier);
            }
            else
            {
                key.Append('A').Append(identifier);
            }

            key.Append('!');
        }

        return key.ToString();
    }

    [GeneratedRegex(
        @"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)" +
        @"(?:-((?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*))?" +
        @"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Strict();
}
