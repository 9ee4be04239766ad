namespace Registry.PackageService.Packages;

/// <summary>The readme a version was published with; the package shows that of <c>latest</c>, wherever it moves.</summary>
internal sealed class VersionReadme
{
    public long VersionId { get; set; }

    public PackageVersion? Version { get; set; }

    /// <summary>At most 64 KiB of UTF-8.</summary>
    public required string Text { get; set; }

    public string? Filename { get; set; }
}
