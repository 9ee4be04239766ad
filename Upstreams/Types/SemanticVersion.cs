using System.Globalization;
using System.Text.RegularExpressions;

namespace Registry.Upstreams.Types;

/// <summary>A version as npm clients understand it (Semantic Versioning 2.0), in the order of precedence.</summary>
internal sealed partial record SemanticVersion(string Text) : IComparable<SemanticVersion>
{
    private const int Longest = 256;

    private string[] Numbers { get; init; } = [];

    private string[] Prerelease { get; init; } = [];

    public bool IsPrerelease => Prerelease.Length > 0;

    /// <summary>Reads one.</summary>
    /// <returns>Null when it is none.</returns>
    public static SemanticVersion? TryParse(string text) =>
        text.Length <= Longest && Form().Match(text) is { Success: true } match && match.Groups[1].Value.Split('.') is var numbers && Array.TrueForAll(numbers, IsSafe)
            ? new SemanticVersion(text) { Numbers = numbers, Prerelease = match.Groups[2] is { Success: true } prerelease ? prerelease.Value.Split('.') : [] }
            : null;

    public bool Equals(SemanticVersion? other) => Text == other?.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = Compare(Numbers, other.Numbers);
        return order != 0 ? order
            : IsPrerelease != other.IsPrerelease ? (IsPrerelease ? -1 : 1)
            : Compare(Prerelease, other.Prerelease) is var before && before != 0 ? before
            : string.CompareOrdinal(Text, other.Text); // what follows '+' has no precedence, and still a place
    }

    /// <summary>Clients read the numbers as doubles and refuse what those cannot hold.</summary>
    private static bool IsSafe(string number) =>
        long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= 9_007_199_254_740_991;

    private static int Compare(string[] one, string[] other) =>
        one.Zip(other, Compare).FirstOrDefault(static order => order != 0) is var order && order != 0 ? order : one.Length.CompareTo(other.Length);

    private static int Compare(string one, string other) =>
        (IsNumber(one), IsNumber(other)) switch
        {
            (true, true) when one.Length != other.Length => one.Length.CompareTo(other.Length), // neither begins with 0
            (true, false) => -1,
            (false, true) => 1,
            _ => string.CompareOrdinal(one, other),
        };

    private static bool IsNumber(string identifier) => identifier.All(char.IsAsciiDigit);

    [GeneratedRegex(@"^((?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2})(?:-((?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\z")]
    private static partial Regex Form();
}
