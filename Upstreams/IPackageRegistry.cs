namespace Registry.Upstreams;

/// <summary>
/// A registry of any type (M02, M40–M43). What is not there is null or false; a registry that cannot be asked, or answers what it should
/// not, is a <see cref="RegistryException"/>, never an absence.
/// </summary>
public interface IPackageRegistry
{
    /// <summary>Which registry it is.</summary>
    RegistryConfig Config { get; }

    /// <summary>One version of a package.</summary>
    /// <param name="name">The package's full name.</param>
    /// <param name="version">The version; null for the latest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when the registry has no such package or version.</returns>
    /// <exception cref="RegistryException">The registry cannot be asked or does not speak its protocol.</exception>
    Task<PackageMetadata?> FetchMetadataAsync(string name, string? version = null, CancellationToken cancellationToken = default);

    /// <summary>Writes a version's tarball to a file. The file appears whole and verified against the registry's checksum, or not at all.</summary>
    /// <param name="name">The package's full name.</param>
    /// <param name="version">The version.</param>
    /// <param name="destination">The file; replaced when it exists.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>False when the registry has no such package, version or tarball.</returns>
    /// <exception cref="RegistryException">The registry cannot be asked, or sent other bytes than it promised.</exception>
    Task<bool> DownloadTarballAsync(string name, string version, string destination, CancellationToken cancellationToken = default);

    /// <summary>Packages that match a query, best first: one page.</summary>
    /// <returns>Nothing where the registry has no search.</returns>
    /// <exception cref="RegistryException">The registry cannot be asked or does not speak its protocol.</exception>
    Task<IReadOnlyList<PackageMetadata>> SearchAsync(string query, CancellationToken cancellationToken = default);

    /// <summary>All versions of a package, in the registry's order.</summary>
    /// <returns>Null when the registry has no such package.</returns>
    /// <exception cref="RegistryException">The registry cannot be asked or does not speak its protocol.</exception>
    Task<IReadOnlyList<string>?> ListVersionsAsync(string name, CancellationToken cancellationToken = default);
}
