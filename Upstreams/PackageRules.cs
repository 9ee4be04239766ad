namespace Registry.Upstreams;

/// <summary>Which packages and versions may come from a registry. What is blocked is blocked even where it is allowed.</summary>
public sealed record PackageRules
{
    private const string NotAmongThem = "is not among the packages allowed from here";

    /// <summary>Everything may come.</summary>
    public static PackageRules None { get; } = new();

    /// <summary>What may come; empty for everything.</summary>
    public IReadOnlyList<PackageRule> Allow { get; init; } = [];

    /// <summary>What may not come.</summary>
    public IReadOnlyList<PackageRule> Block { get; init; } = [];

    /// <summary>Why a package or version may not come; null when it may.</summary>
    /// <param name="name">The package's full name.</param>
    /// <param name="version">The version; null for the package as a whole.</param>
    /// <remarks>A rule for versions only blocks no package as a whole, and allows it as a whole with those versions alone.</remarks>
    public PackageBlock? Judge(string name, string? version)
    {
        if (Block.FirstOrDefault(rule => rule.IsAboutName(name) && rule.IsAboutVersion(version, ofWhole: false)) is { } blocking)
        {
            return new PackageBlock(blocking.Pattern, blocking.Reason);
        }

        return Allow.Count == 0 || Allow.Any(rule => rule.IsAboutName(name) && rule.IsAboutVersion(version, ofWhole: true))
            ? null
            : new PackageBlock(null, NotAmongThem);
    }

    /// <summary>The same rules in the same order are the same.</summary>
    public bool Equals(PackageRules? other) => other is not null && Allow.SequenceEqual(other.Allow) && Block.SequenceEqual(other.Block);

    /// <inheritdoc/>
    public override int GetHashCode() => Allow.Concat(Block).Aggregate(0, HashCode.Combine);
}

/// <summary>Packages and versions by pattern: <c>name</c>, <c>@scope/*</c>, <c>name@1.2.3</c>, <c>name@1.*</c>; <c>*</c> stands for any text.</summary>
/// <param name="Pattern">The pattern. Letter case counts in its version only.</param>
/// <param name="Reason">What those who ask are told; null for nothing.</param>
public sealed record PackageRule(string Pattern, string? Reason = null)
{
    /// <summary>Where the version begins; the first letter is a scope's <c>@</c> or none.</summary>
    private int At => Pattern.IndexOf('@', Math.Min(1, Pattern.Length));

    internal bool IsAboutName(string name) => Matches(At < 0 ? Pattern : Pattern.AsSpan(0, At), name, StringComparison.OrdinalIgnoreCase);

    internal bool IsAboutVersion(string? version, bool ofWhole) =>
        At < 0 || (version is null ? ofWhole : Matches(Pattern.AsSpan(At + 1), version, StringComparison.Ordinal));

    /// <summary>The pieces between the stars, each where it comes first: nothing is ever tried twice.</summary>
    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, StringComparison comparison)
    {
        var star = pattern.IndexOf('*');
        if (star < 0)
        {
            return text.Equals(pattern, comparison);
        }

        if (!text.StartsWith(pattern[..star], comparison))
        {
            return false;
        }

        pattern = pattern[(star + 1)..];
        text = text[star..];
        while (pattern.IndexOf('*') is var next and >= 0)
        {
            var found = text.IndexOf(pattern[..next], comparison);
            if (found < 0)
            {
                return false;
            }

            pattern = pattern[(next + 1)..];
            text = text[(found + next)..];
        }

        return text.EndsWith(pattern, comparison);
    }
}

/// <summary>A package or version that may not come.</summary>
/// <param name="Rule">The pattern that blocks it; null when it is none of those allowed.</param>
/// <param name="Reason">What those who ask are told; null for nothing.</param>
public sealed record PackageBlock(string? Rule, string? Reason);
