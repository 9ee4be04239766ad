namespace Registry.PackageService.Packages;

/// <summary>
/// What a version's documents consist of, ready to be put together: everything that depends neither on the public URL, nor on its
/// deprecation, nor on who maintains the package. It shares the version's row, and nobody loads it who does not ask for it.
/// </summary>
internal sealed class VersionFragments
{
    /// <summary>How fragments are written; raise it when they are written differently, and those from before are written anew.</summary>
    public const int CurrentLayout = 1;

    public long Id { get; set; }

    /// <summary>The layout of the fragments; null when there are none.</summary>
    public int? Layout { get; set; }

    /// <summary>The full document without its end: UTF-8, from <c>{</c> to before <c>maintainers</c>.</summary>
    public byte[]? FullHead { get; set; }

    /// <summary>The abbreviated document without its end.</summary>
    public byte[]? AbbreviatedHead { get; set; }

    /// <summary>The members of <c>dist</c> between <c>tarball</c> and <c>attestations</c>, signature included.</summary>
    public byte[]? Dist { get; set; }

    /// <summary>The key that signed it; it never changes afterwards, since documents must not.</summary>
    public string? SignatureKeyId { get; set; }

    /// <summary>ECDSA signature (DER) of <c>name@version:integrity</c>.</summary>
    public byte[]? Signature { get; set; }

    /// <summary>What its attestation is about; null when it has none.</summary>
    public string? ProvenanceType { get; set; }
}
