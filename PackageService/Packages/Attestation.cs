namespace Registry.PackageService.Packages;

/// <summary>What a version's publisher had attested about how it was made (npm protocol 3.9).</summary>
internal sealed class Attestation
{
    public long VersionId { get; set; }

    public PackageVersion? Version { get; set; }

    public required string PredicateType { get; set; }

    /// <summary>The sigstore bundle as it was sent: JSON text.</summary>
    public required string Bundle { get; set; }
}
