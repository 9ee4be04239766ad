using System.Text.Json.Nodes;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing;

/// <summary>The access a publisher asked for.</summary>
internal enum RequestedAccess
{
    /// <summary>Nothing was said: new packages take the configured default, existing ones stay as they are.</summary>
    Default,

    /// <summary>Everyone may read.</summary>
    Public,

    /// <summary>Only maintainers may read.</summary>
    Restricted,
}

/// <summary>
/// One version, ready to be published: its document was checked against itself and against its tarball, and the tarball is
/// stored. What depends on the package as it is now (whether it exists, who may write, whether the name may be new) is open.
/// </summary>
/// <param name="Name">The package.</param>
/// <param name="Version">The version.</param>
/// <param name="Tag">The dist-tag to move.</param>
/// <param name="Manifest">
/// The manifest to keep: <c>name</c>, <c>version</c>, <c>_id</c> and what publisher and tarball say, unknown fields included;
/// without <c>dist</c>, readme and the registry's own fields.
/// </param>
/// <param name="Tarball">The stored tarball.</param>
internal sealed record PublishCommand(PackageName Name, SemVersion Version, DistTagName Tag, JsonObject Manifest, StoredTarball Tarball)
{
    /// <summary>The readme, at most 64 KiB of UTF-8.</summary>
    public string? Readme { get; init; }

    /// <summary>The readme's file name.</summary>
    public string? ReadmeFilename { get; init; }

    /// <summary>
    /// Versions that the document lists beside the new one, as npm 6 does when it publishes into what it has read again; they must exist, and
    /// stay as they are.
    /// </summary>
    public IReadOnlyList<string> Listed { get; init; } = [];

    /// <summary>The access that was asked for.</summary>
    public RequestedAccess Access { get; init; }

    /// <summary>What is attested about how the version was made.</summary>
    public AttestationBundle? Attestation { get; init; }
}

/// <summary>A sigstore bundle about the version and its tarball.</summary>
/// <param name="PredicateType">What it says.</param>
/// <param name="Json">The bundle.</param>
internal sealed record AttestationBundle(string PredicateType, string Json);
