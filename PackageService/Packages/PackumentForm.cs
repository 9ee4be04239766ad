namespace Registry.PackageService.Packages;

/// <summary>Which of the two documents of a package.</summary>
internal enum PackumentForm
{
    /// <summary>Everything (npm protocol 2.1).</summary>
    Full,

    /// <summary>What installing needs (npm protocol 2.3).</summary>
    Abbreviated,
}
