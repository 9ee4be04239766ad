using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Registry.PackageService.Packages;

/// <summary>
/// A range of versions as npm writes them: <c>^1.2.3</c>, <c>~1.2</c>, <c>1.x</c>, <c>1.2.3 - 2.3</c>, <c>&gt;=1 &lt;2 || 3</c>. Pre-releases
/// are in a range like other versions, and a part that is left open begins at its first pre-release: so npm looks for what is vulnerable.
/// </summary>
internal sealed partial class SemVersionRange
{
    /// <summary>The longest range that is read.</summary>
    public const int MaxLength = 4096;

    private readonly Bound[][] _alternatives;

    private SemVersionRange(string value, Bound[][] alternatives)
    {
        Value = value;
        _alternatives = alternatives;
    }

    /// <summary>The range as it was written.</summary>
    public string Value { get; }

    /// <summary>Reads a range.</summary>
    /// <param name="text">The range; empty means every version.</param>
    /// <param name="range">The range, when it is one.</param>
    /// <returns>False when it is none, or longer than <see cref="MaxLength"/>.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SemVersionRange? range)
    {
        range = null;
        if (text is null || text.Length > MaxLength)
        {
            return false;
        }

        var alternatives = new List<Bound[]>();
        foreach (var part in Spaces().Replace(text, " ").Split("||"))
        {
            if (BoundsOf(BuildMetadata().Replace(part.Trim(), "")) is not { } bounds)
            {
                return false;
            }

            alternatives.Add(bounds);
        }

        range = new SemVersionRange(text, [.. alternatives]);
        return true;
    }

    /// <summary>True when the version is in the range. Build metadata makes no difference.</summary>
    public bool Contains(SemVersion version) => Array.Exists(_alternatives, bounds => Array.TrueForAll(bounds, bound => bound.Admits(version)));

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>What all has to hold for one alternative; null when it cannot be read.</summary>
    private static Bound[]? BoundsOf(string alternative)
    {
        if (alternative.Split(" - ") is [var from, var to] && Partial.Of(from.Trim()) is { } lower && Partial.Of(to.Trim()) is { } upper)
        {
            return Known([.. lower.AsFirst(), .. upper.AsLast()]);
        }

        var bounds = new List<Bound?>();
        foreach (var comparator in AfterOperator().Replace(alternative, "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Comparator().Match(comparator) is not { Success: true } match || Partial.Of(comparator[match.Length..]) is not { } partial)
            {
                return null;
            }

            bounds.AddRange(partial.With(match.Value));
        }

        return Known(bounds);
    }

    /// <summary>A bound is null where its version could not be one: a number too large for clients, an operator with a stray sign.</summary>
    private static Bound[]? Known(List<Bound?> bounds) => bounds.Contains(null) ? null : [.. bounds.OfType<Bound>()];

    /// <summary>The version has to be on this side of a version, or to be it.</summary>
    private sealed record Bound(string Operator, SemVersion Version)
    {
        public static Bound? Of(string comparison, string version) => SemVersion.TryParse(version, out var parsed) ? new Bound(comparison, parsed) : null;

        public bool Admits(SemVersion version)
        {
            var order = version.CompareTo(Version);
            return Operator switch
            {
                ">" => order > 0,
                ">=" => order >= 0,
                "<" => order < 0,
                "<=" => order <= 0,
                _ => order == 0,
            };
        }
    }

    /// <summary>A version of which the last numbers may be open.</summary>
    /// <param name="Prefix">Signs before it that mean nothing: <c>v</c>, <c>=</c>.</param>
    /// <param name="Major">Null when it is open.</param>
    /// <param name="Minor">Null when it is open.</param>
    /// <param name="Patch">Null when it is open.</param>
    /// <param name="Prerelease">With its hyphen; empty without one.</param>
    private sealed record Partial(string Prefix, long? Major, long? Minor, long? Patch, string Prerelease)
    {
        private bool IsWhole => Major is not null && Minor is not null && Patch is not null;

        /// <summary>What follows an open number is open as well.</summary>
        private bool IsOutOfOrder => Major is null ? Minor is not null || Patch is not null : Minor is null && Patch is not null;

        private string Whole => Invariant($"{Major}.{Minor}.{Patch}{Prerelease}");

        /// <summary>The lowest version it may mean.</summary>
        private string Lowest => IsWhole ? Whole : Invariant($"{Major}.{Minor ?? 0}.0-0");

        public static Partial? Of(string text) =>
            Version().Match(text) is { Success: true } match
                ? new Partial(match.Groups[1].Value, Number(match.Groups[2]), Number(match.Groups[3]), Number(match.Groups[4]), match.Groups[5].Value)
                : null;

        public IEnumerable<Bound?> With(string comparison) =>
            comparison switch
            {
                "^" => Caret(),
                "~" or "~>" => Tilde(),
                _ when IsWhole => [Prefix is "" or "v" ? Bound.Of(comparison, Whole) : null],
                _ when IsOutOfOrder => [null],
                _ => Open(comparison),
            };

        /// <summary>Before a hyphen. A version there lets its own pre-releases in.</summary>
        public IEnumerable<Bound?> AsFirst() =>
            Major is null ? []
            : !IsWhole ? [Bound.Of(">=", Lowest)]
            : [Prefix is "" or "v" ? Bound.Of(">=", Prerelease.Length > 0 ? Whole : $"{Whole}-0") : null];

        /// <summary>After a hyphen.</summary>
        public IEnumerable<Bound?> AsLast() =>
            Major is null ? []
            : Minor is null ? [Below(Major + 1, 0, 0)]
            : Patch is null ? [Below(Major, Minor + 1, 0)]
            : [Prerelease.Length > 0 ? Bound.Of("<=", Whole) : Below(Major, Minor, Patch + 1)];

        private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

        private static Bound? Below(long? major, long? minor, long? patch) => Bound.Of("<", Invariant($"{major}.{minor}.{patch}-0"));

        /// <summary>Null when it is open or missing; what is too large for a number is too large for a version as well.</summary>
        private static long? Number(Group group) =>
            group.Length == 0 || !char.IsAsciiDigit(group.ValueSpan[0]) ? null
            : long.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue ? number
            : long.MaxValue - 1;

        /// <summary>The first number that is not 0 stays.</summary>
        private IEnumerable<Bound?> Caret() =>
            Major is null ? []
            : Minor is null ? Between(Below(Major + 1, 0, 0))
            : Major > 0 ? Between(Below(Major + 1, 0, 0))
            : Patch is null || Minor > 0 ? Between(Below(0, Minor + 1, 0))
            : Between(Below(0, 0, Patch + 1));

        /// <summary>Major and minor stay, as far as they are said.</summary>
        private IEnumerable<Bound?> Tilde() =>
            Major is null ? [] : Between(Minor is null ? Below(Major + 1, 0, 0) : Below(Major, Minor + 1, 0));

        private IEnumerable<Bound?> Between(Bound? end) => [Bound.Of(">=", Lowest), end];

        /// <summary>An operator before a version that is not whole: it speaks of all that may be meant.</summary>
        private IEnumerable<Bound?> Open(string comparison) =>
            (comparison, Major) switch
            {
                (">" or "<", null) => [Bound.Of("<", "0.0.0-0")], // nothing is beyond everything
                (_, null) => [],
                (">=", _) => [Bound.Of(">=", Lowest)],
                ("<", _) => [Bound.Of("<", Lowest)],
                (">", _) => [Next(">=")],
                ("<=", _) => [Next("<")],
                _ => [Bound.Of(">=", Lowest), Next("<")],
            };

        private Bound? Next(string comparison) =>
            Bound.Of(comparison, Minor is null ? Invariant($"{Major + 1}.0.0-0") : Invariant($"{Major}.{Minor + 1}.0-0"));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*")]
    private static partial Regex BuildMetadata();

    [GeneratedRegex("(?<=[<>~^]|(?<!=)=) ")]
    private static partial Regex AfterOperator();

    [GeneratedRegex("^([<>]=?|=|~>?|\\^)?")]
    private static partial Regex Comparator();

    [GeneratedRegex(
        @"^([v=]*)(0|[1-9][0-9]*|[xX*])(?:\.(0|[1-9][0-9]*|[xX*])(?:\.(0|[1-9][0-9]*|[xX*])" +
        @"(-(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?)?)?\z")]
    private static partial Regex Version();
}
