namespace Registry.PackageService.Packages;

/// <summary>Which names packages may take that do not exist yet (npm protocol 1.2 and 6).</summary>
internal enum NewNames
{
    /// <summary>Lower-case letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, beginning with a letter or digit.</summary>
    Strict,

    /// <summary>Also what registries once took, for packages that come from one: upper case, another beginning, and <c>~'!()*</c>.</summary>
    Legacy,
}
