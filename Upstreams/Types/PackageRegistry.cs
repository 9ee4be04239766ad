using Registry.Upstreams.Http;

namespace Registry.Upstreams.Types;

/// <summary>What the types of registry share: one client each, and tarballs that appear verified or not at all.</summary>
public abstract class PackageRegistry : IPackageRegistry, IDisposable
{
    private protected PackageRegistry(RegistryConfig config, HttpMessageHandler? handler, TimeProvider? clock)
    {
        RegistryConfigRules.Check(config);
        if (handler is SocketsHttpHandler { AllowAutoRedirect: true } or HttpClientHandler { AllowAutoRedirect: true })
        {
            throw new ArgumentException("The handler must not follow redirects: it would take credentials along.", nameof(handler));
        }

        Client = new RegistryClient(config, handler, clock ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public RegistryConfig Config => Client.Config;

    private protected RegistryClient Client { get; }

    /// <inheritdoc/>
    public abstract Task<PackageMetadata?> FetchMetadataAsync(string name, string? version = null, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public async Task<bool> DownloadTarballAsync(string name, string version, string destination, CancellationToken cancellationToken = default)
    {
        if (await FindTarballAsync(name, version, cancellationToken) is not { } source)
        {
            return false;
        }

        // A version that is there without its tarball is broken, not absent: nobody else may answer for it.
        return await TarballFile.WriteAsync(Client, source, destination, cancellationToken)
            ? true
            : throw new RegistryException(Config.Name, RegistryFailure.BadTarball, $"has no tarball at {RegistryClient.Shown(source.Url)}, where it says that one is.");
    }

    /// <inheritdoc/>
    public abstract Task<IReadOnlyList<PackageMetadata>> SearchAsync(string query, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public abstract Task<IReadOnlyList<string>?> ListVersionsAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Ends its connections; what is under way fails.</summary>
    public void Dispose()
    {
        Client.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Where a version's tarball is; null when there is none.</summary>
    private protected virtual async Task<TarballSource?> FindTarballAsync(string name, string version, CancellationToken cancellationToken) =>
        await FetchMetadataAsync(name, version, cancellationToken) is { TarballUrl: { } url } found ? new TarballSource(url, found.Checksum) : null;

    /// <summary>A name or version as one segment of a path; <c>@</c> is left as npm's clients send it.</summary>
    private protected static string Segment(string text) => Uri.EscapeDataString(text).Replace("%40", "@", StringComparison.Ordinal);

    /// <summary>A name must not lead elsewhere in the registry's paths.</summary>
    private protected static void CheckName(string name)
    {
        if (name.Length is 0 or > 214 || name.Any(char.IsControl) || name.Split('/').Any(static part => part is "" or "." or ".."))
        {
            throw new ArgumentException($"'{name}' is no package's name.", nameof(name));
        }
    }

    /// <summary>A version must not lead elsewhere in the registry's paths.</summary>
    private protected static void CheckVersion(string? version, bool mayHaveSlashes = false)
    {
        if (version is not null && (version.Length is 0 or > 256
            || version.Split('/').Any(static part => part is "" or "." or "..")
            || version.Any(letter => (letter == '/' && !mayHaveSlashes) || letter == '\\' || char.IsControl(letter))))
        {
            throw new ArgumentException($"'{version}' is no version.", nameof(version));
        }
    }
}
