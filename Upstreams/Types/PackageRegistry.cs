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

    /// <summary>What is asked to find out whether it answers, below the base URL.</summary>
    private protected virtual string PingTarget => "";

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

    /// <summary>
    /// Its packuments are put together from several answers: give <see cref="PackumentQuery.Known"/> with its JSON, so that only what is
    /// new is asked for.
    /// </summary>
    public virtual bool MakesPackuments => true;

    /// <summary>The packument of a package, as an npm client needs it.</summary>
    /// <exception cref="RegistryException">The registry cannot be asked or does not speak its protocol.</exception>
    public abstract Task<PackumentAnswer> FetchPackumentAsync(PackumentQuery query, CancellationToken cancellationToken = default);

    /// <summary>Begins to download a tarball that a packument of this registry names.</summary>
    /// <param name="link">The link in the packument: absolute or relative to the base URL, and then below it.</param>
    /// <param name="cancellationToken">Ends the wait for its beginning.</param>
    /// <returns>Null when it is not there.</returns>
    /// <exception cref="RegistryException">The registry cannot be asked, or the link leads where it may not.</exception>
    public async Task<TarballDownload?> OpenTarballAsync(string link, CancellationToken cancellationToken = default)
    {
        var url = Client.Base.Follow(link) ?? throw Client.Bad($"names a tarball that is neither at a URL nor below its own: '{link.Split('?')[0]}'");
        return await Client.OpenAsync(url, AcceptOf(url), cancellationToken);
    }

    /// <summary>A link as it is kept: relative to the base URL when it is below it, so that it follows when the base URL changes.</summary>
    /// <param name="url">The URL in the packument: absolute, or relative to the base URL.</param>
    /// <exception cref="RegistryException">It is no URL.</exception>
    public string LinkOf(string url) => Client.Base.LinkOf(Client.Resolve(url));

    /// <summary>Finds out whether it answers at all, in ten seconds at most.</summary>
    /// <exception cref="RegistryException">It does not.</exception>
    public Task PingAsync(CancellationToken cancellationToken = default) => Client.PingAsync(PingTarget, cancellationToken);

    /// <summary>Ends its connections; what is under way fails.</summary>
    public void Dispose()
    {
        Client.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Where a version's tarball is; null when there is none.</summary>
    private protected virtual async Task<TarballSource?> FindTarballAsync(string name, string version, CancellationToken cancellationToken) =>
        await FetchMetadataAsync(name, version, cancellationToken) is { TarballUrl: { } url } found ? new TarballSource(url, found.Checksum) : null;

    /// <summary>The media type a tarball is asked for with.</summary>
    private protected virtual string AcceptOf(Uri url) => TarballSource.AnyType;

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
