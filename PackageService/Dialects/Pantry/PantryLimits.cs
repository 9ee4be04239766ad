using System.Text.RegularExpressions;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Dialects.Pantry;

/// <summary>What pantry's own registry allows in names and paths (P11, P32); the body's reader checks the metadata (P33).</summary>
internal static partial class PantryLimits
{
    /// <summary>The package may have this name.</summary>
    public static bool IsName(PackageName name) => Name().IsMatch(name.Value);

    /// <summary>The text may be a version in a path.</summary>
    public static bool IsVersion(string text) => Version().IsMatch(text);

    [GeneratedRegex(@"^(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-zA-Z0-9._+-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
