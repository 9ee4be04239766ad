using System.Numerics;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Tests.Packages;

public sealed class SemVersionTests
{
    // In rising precedence; versions on one line are equal.
    private static readonly string[][] Rising =
    [
        ["0.0.0-0"], ["0.0.0"], ["0.0.1"], ["0.9.0"], ["0.10.0"],
        ["1.0.0--"], ["1.0.0--1"], ["1.0.0-A"], ["1.0.0-A-"], ["1.0.0-a"], ["1.0.0-a.1"],
        ["1.0.0-alpha", "1.0.0-alpha+x"], ["1.0.0-alpha.0"], ["1.0.0-alpha.1"], ["1.0.0-alpha.1.0"], ["1.0.0-alpha.2"], ["1.0.0-alpha.10"],
        ["1.0.0-alpha.99999999999999999999"], ["1.0.0-alpha.100000000000000000000"], ["1.0.0-alpha.beta"], ["1.0.0-alpha-"], ["1.0.0-alpha-1"],
        ["1.0.0-beta"], ["1.0.0-beta.2"], ["1.0.0-beta.11"], ["1.0.0-rc.1"],
        ["1.0.0", "1.0.0+build", "1.0.0+001"], ["1.0.1-0"], ["1.0.1"], ["1.2.0"], ["1.10.0"], ["2.0.0"], ["10.0.0"], ["9007199254740991.0.0"],
    ];

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("0.0.0")]
    [InlineData("1.2.3-alpha.1+build.5")]
    [InlineData("1.0.0-0A.is.legal")]
    [InlineData("1.0.0+0.build.1-rc.10000aaa-kk-0.1")]
    [InlineData("1.0.0----RC-SNAPSHOT.12.9.1--.12")]
    [InlineData("9007199254740991.9007199254740991.9007199254740991")]
    public void Strict_versions_are_parsed_and_kept_as_written(string text) => SemVersion.Parse(text).Value.ShouldBe(text);

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("v1.2.3")]
    [InlineData("=1.2.3")]
    [InlineData("01.2.3")]
    [InlineData("1.02.3")]
    [InlineData("1.2.3-01")]
    [InlineData("1.2.3-")]
    [InlineData("1.2.3+")]
    [InlineData("1.2.3-a..b")]
    [InlineData("1.2.3+a+b")]
    [InlineData("1.2.3-ä")]
    [InlineData("١.2.3")]
    [InlineData(" 1.2.3")]
    [InlineData("1.2.3\n")]
    [InlineData("9007199254740992.0.0")]
    [InlineData("99999999999999999999.0.0")]
    public void Everything_else_is_refused(string text) => SemVersion.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void The_longest_version_has_256_characters()
    {
        SemVersion.TryParse($"1.0.0-{new string('a', 250)}", out _).ShouldBeTrue();
        SemVersion.TryParse($"1.0.0-{new string('a', 251)}", out _).ShouldBeFalse();
    }

    [Fact]
    public void The_sort_key_orders_every_pair_by_precedence()
    {
        for (var i = 0; i < Rising.Length; i++)
        {
            for (var j = 0; j < Rising.Length; j++)
            {
                foreach (var (left, right) in from a in Rising[i] from b in Rising[j] select (SemVersion.Parse(a), SemVersion.Parse(b)))
                {
                    Math.Sign(string.CompareOrdinal(left.SortKey, right.SortKey)).ShouldBe(Math.Sign(i - j), $"{left} and {right}");
                    Math.Sign(left.CompareTo(right)).ShouldBe(Math.Sign(i - j));
                }
            }
        }
    }

    [Fact]
    public void The_sort_key_agrees_with_the_rules_of_semver_for_every_pair_of_generated_versions()
    {
        string[] identifiers = ["0", "1", "9", "10", "123", "a", "A", "-", "a-", "a1", "1a", "0a", "--"];
        var prereleases = (from a in identifiers select $"-{a}")
            .Concat(from a in identifiers from b in identifiers select $"-{a}.{b}")
            .Prepend("")
            .ToArray();

        foreach (var left in prereleases)
        {
            foreach (var right in prereleases)
            {
                var actual = Math.Sign(SemVersion.Parse($"1.2.3{left}").CompareTo(SemVersion.Parse($"1.2.3{right}")));
                actual.ShouldBe(PrecedenceOf(left, right), $"1.2.3{left} and 1.2.3{right}");
            }
        }
    }

    /// <summary>Rule 11 of Semantic Versioning, word for word.</summary>
    private static int PrecedenceOf(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0)
        {
            return Math.Sign(right.Length - left.Length);
        }

        var (a, b) = (left[1..].Split('.'), right[1..].Split('.'));
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            var (aIsNumber, bIsNumber) = (a[i].All(char.IsAsciiDigit), b[i].All(char.IsAsciiDigit));
            var order = (aIsNumber, bIsNumber) switch
            {
                (true, true) => BigInteger.Parse(a[i]).CompareTo(BigInteger.Parse(b[i])),
                (true, false) => -1,
                (false, true) => 1,
                _ => string.CompareOrdinal(a[i], b[i]),
            };
            if (order != 0)
            {
                return Math.Sign(order);
            }
        }

        return Math.Sign(a.Length - b.Length);
    }
}
