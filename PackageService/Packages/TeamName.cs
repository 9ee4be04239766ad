using System.Diagnostics.CodeAnalysis;

namespace Registry.PackageService.Packages;

/// <summary>A scope by itself, without its <c>@</c>: what may stand before the slash of a package's name, and safe in a path like that.</summary>
internal sealed record ScopeName : IParsable<ScopeName>
{
    private ScopeName(string value) => Value = value;

    public string Value { get; }

    /// <summary>What every name in the scope begins with.</summary>
    public string Prefix => $"@{Value}/";

    public static ScopeName Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var scope) ? scope : throw new FormatException("This is not a scope.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out ScopeName result)
    {
        result = s is not null && PackageName.TryParse($"@{s}/x", out var name) && name.Scope == s ? new ScopeName(s) : null;
        return result is not null;
    }

    public override string ToString() => Value;
}

/// <summary>A team by its organisation's scope and its own name, both safe in a path.</summary>
internal sealed record TeamName(ScopeName Scope, string Name)
{
    /// <summary>The team that a path names; null when no team can be called that.</summary>
    public static TeamName? Parse(string scope, string team) =>
        ScopeName.TryParse(scope, null, out var parsed) && PackageName.TryParse(team, out var name) && name.Scope is null ? new TeamName(parsed, team) : null;

    public override string ToString() => $"{Scope}:{Name}";
}
