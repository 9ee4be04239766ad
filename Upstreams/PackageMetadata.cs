namespace Registry.Upstreams;

/// <summary>What a registry says of one version of a package (M44).</summary>
public sealed record PackageMetadata
{
    /// <summary>The package's full name.</summary>
    public required string Name { get; init; }

    /// <summary>The version, as the registry writes it.</summary>
    public required string Version { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>Where its source is.</summary>
    public string? Repository { get; init; }

    /// <summary>Its page.</summary>
    public string? Homepage { get; init; }

    /// <summary>Its licence.</summary>
    public string? License { get; init; }

    /// <summary>Where its tarball is.</summary>
    public Uri? TarballUrl { get; init; }

    /// <summary>The tarball's digest: an SRI string (<c>sha512-…</c>) or <c>sha256:</c>, <c>sha1:</c>, <c>sha512:</c> with hex (K24).</summary>
    public string? Checksum { get; init; }

    /// <summary>Ranges of the packages it needs, by name; null when the registry does not say.</summary>
    public IReadOnlyDictionary<string, string>? Dependencies { get; init; }

    /// <summary>Ranges of the packages it is developed with, by name; null when the registry does not say.</summary>
    public IReadOnlyDictionary<string, string>? DevDependencies { get; init; }
}
