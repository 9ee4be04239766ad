using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Registry.PackageService.Packages;

/// <summary>
/// The name of a dist-tag: text that needs no escaping in a URL and that no client can take for a version or a range
/// (npm protocol 3.4, step 6).
/// </summary>
internal sealed partial record DistTagName : IParsable<DistTagName>
{
    /// <summary>The longest dist-tag.</summary>
    public const int MaxLength = 128;

    // What encodeURIComponent leaves alone.
    private static readonly SearchValues<char> UrlSafe =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!*'()");

    private DistTagName(string value) => Value = value;

    /// <summary>The tag a plain install follows.</summary>
    public static DistTagName Latest { get; } = new("latest");

    /// <summary>The tag's text.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public static DistTagName Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var tag) ? tag : throw new FormatException("This is not a dist-tag.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out DistTagName result)
    {
        var legal = s is { Length: > 0 and <= MaxLength } && !s.AsSpan().ContainsAnyExcept(UrlSafe) && !Range().IsMatch(s);
        result = legal ? new DistTagName(s!) : null;
        return legal;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out DistTagName)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, [MaybeNullWhen(false)] out DistTagName result) => TryParse(s, null, out result);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>
    /// The semver ranges that can be written with URL-safe characters: one version or x-range, perhaps behind <c>v</c> or
    /// <c>~</c>. All others need a blank, a comparison sign, a caret or a bar, none of which gets this far.
    /// </summary>
    [GeneratedRegex(
        @"^~?v*(?:0|[1-9][0-9]*|[xX*])(?:\.(?:0|[1-9][0-9]*|[xX*])(?:\.(?:0|[1-9][0-9]*|[xX*])" +
        @"(?:-(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?)?)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Range();
}
