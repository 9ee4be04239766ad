using System.Diagnostics.CodeAnalysis;

namespace Registry.PackageService.Packages;

/// <summary>One name, or several divided by commas, as <c>/downloads</c> takes them (npm protocol 3.14).</summary>
/// <param name="Names">From 1 to <see cref="Most"/> different names.</param>
/// <param name="IsSeveral">It was written as a list: so is the answer.</param>
internal sealed record PackageNameList(IReadOnlyList<PackageName> Names, bool IsSeveral) : IParsable<PackageNameList>
{
    /// <summary>The most names.</summary>
    public const int Most = 128;

    /// <inheritdoc/>
    public static PackageNameList Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var names) ? names : throw new FormatException("These are not package names.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out PackageNameList result)
    {
        result = null;
        var parts = s?.Split(',', Most + 1) ?? [];
        var names = new List<PackageName>(parts.Length);
        foreach (var part in parts)
        {
            if (!PackageName.TryParse(part, out var name))
            {
                return false;
            }

            names.Add(name);
        }

        result = names.Count is > 0 and <= Most ? new PackageNameList([.. names.Distinct()], names.Count > 1) : null;
        return result is not null;
    }
}
