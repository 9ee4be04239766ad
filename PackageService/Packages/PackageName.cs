using System.Buffers;
using System.Diagnostics.CodeAnalysis;

using Registry.Contracts.Http.Packages;

namespace Registry.PackageService.Packages;

/// <summary>
/// The name of a package, <c>name</c> or <c>@scope/name</c>. Identity is byte-exact: legacy names keep their case. Every
/// value is safe to put in a path, a file name or a header, because nothing else parses.
/// </summary>
/// <remarks>Rules: npm protocol 1.2 and, for new names, validate-npm-package-name and P32.</remarks>
internal sealed record PackageName : IParsable<PackageName>
{
    /// <summary>The longest name, scope included.</summary>
    public const int MaxLength = 214;

    // What encodeURIComponent leaves alone: such a name looks the same in a URL, a path and a document.
    private static readonly SearchValues<char> LegacyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!*'()");

    private static readonly SearchValues<char> StrictCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    private PackageName(string? scope, string bare)
    {
        Scope = scope;
        Bare = bare;
        Value = scope is null ? bare : $"@{scope}/{bare}";
    }

    /// <summary>The canonical full name: <c>name</c> or <c>@scope/name</c>.</summary>
    public string Value { get; }

    /// <summary>The scope without its <c>@</c>, or null.</summary>
    public string? Scope { get; }

    /// <summary>The name without its scope.</summary>
    public string Bare { get; }

    /// <inheritdoc cref="PackageNames.Fold"/>
    public string Folded => PackageNames.Fold(Value);

    /// <summary>True when a package that does not exist yet may take this name; existing packages may carry looser ones.</summary>
    public bool IsValidForNew => (Scope is null || IsStrict(Scope)) && IsStrict(Bare);

    /// <inheritdoc/>
    public static PackageName Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var name) ? name : throw new FormatException("This is not a package name.");

    /// <summary>Parses <c>name</c>, <c>@scope/name</c> and <c>@scope%2Fname</c>, the form in which routing delivers a scoped name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out PackageName result)
    {
        result = null;
        if (s is null || s.Length > MaxLength + 2)
        {
            return false;
        }

        var (scope, bare) = Split(s.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
        if (bare is null || !IsLegacy(bare) || (scope is null ? bare[0] == '_' : !IsLegacy(scope)))
        {
            return false;
        }

        var name = new PackageName(scope, bare);
        if (name.Value.Length > MaxLength || IsReserved(name.Value))
        {
            return false;
        }

        result = name;
        return true;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out PackageName)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, [MaybeNullWhen(false)] out PackageName result) => TryParse(s, null, out result);

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static (string? Scope, string? Bare) Split(string text)
    {
        if (!text.StartsWith('@'))
        {
            return (null, text);
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (null, null) : (text[1..slash], text[(slash + 1)..]);
    }

    private static bool IsLegacy(string part) =>
        part.Length > 0 && part[0] != '.' && !part.AsSpan().ContainsAnyExcept(LegacyCharacters);

    private static bool IsStrict(string part) => char.IsAsciiLetterOrDigit(part[0]) && !part.AsSpan().ContainsAnyExcept(StrictCharacters);

    private static bool IsReserved(string name) =>
        name.Equals("node_modules", StringComparison.OrdinalIgnoreCase) || name.Equals("favicon.ico", StringComparison.OrdinalIgnoreCase);
}
