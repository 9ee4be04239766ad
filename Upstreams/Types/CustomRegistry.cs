using System.Text.Json;

namespace Registry.Upstreams.Types;

/// <summary>A server that follows pantry's REST convention, pantry's own among them (M17–M22, P09–P13).</summary>
public sealed class CustomRegistry : PackageRegistry
{
    private const string Json = "application/json";

    /// <summary>Makes one.</summary>
    /// <param name="config">Where it is.</param>
    /// <param name="handler">What carries its requests, without following redirects; null for connections of its own.</param>
    /// <param name="clock">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">The configuration cannot be used.</exception>
    public CustomRegistry(RegistryConfig config, HttpMessageHandler? handler = null, TimeProvider? clock = null)
        : base(config, handler, clock)
    {
    }

    /// <inheritdoc/>
    public override async Task<PackageMetadata?> FetchMetadataAsync(string name, string? version = null, CancellationToken cancellationToken = default)
    {
        using var found = await FindAsync(name, version, cancellationToken);
        return found is null ? null : Read(found.RootElement);
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<PackageMetadata>> SearchAsync(string query, CancellationToken cancellationToken = default)
    {
        using var page = await Client.FindJsonAsync($"search?q={Uri.EscapeDataString(query)}", Json, cancellationToken);
        return page is null ? [] : [.. page.RootElement.List("results").Select(Hit).OfType<PackageMetadata>()];
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>?> ListVersionsAsync(string name, CancellationToken cancellationToken = default)
    {
        // The convention's own example declares /:name/:version before /:name/versions, so 'versions' reaches it as a version.
        return await FindVersionsAsync(name, cancellationToken) ?? (await FetchMetadataAsync(name, null, cancellationToken) is { } latest ? [latest.Version] : null);
    }

    /// <summary>Put together from the list of versions and what is said of each; the 200 highest, when there are more.</summary>
    /// <inheritdoc/>
    public override async Task<PackumentAnswer> FetchPackumentAsync(PackumentQuery query, CancellationToken cancellationToken = default)
    {
        using var latest = await FindAsync(query.Name, null, cancellationToken);
        if (latest?.RootElement.Text("version") is not { } newest)
        {
            return new PackumentAnswer.NotFound();
        }

        var versions = await FindVersionsAsync(query.Name, cancellationToken) ?? [];
        using var builder = new PackumentBuilder(Client, query);
        await builder.AddAsync(
            [newest, .. versions],
            async (version, token) => builder.Known(version) ?? await MakeManifestAsync(builder, query.Name, version, token),
            cancellationToken);
        return builder.Answer(newest);
    }

    /// <summary>The route of the convention, unless the registry names another place.</summary>
    private protected override async Task<TarballSource?> FindTarballAsync(string name, string version, CancellationToken cancellationToken) =>
        await FetchMetadataAsync(name, version, cancellationToken) is { } found
            ? new TarballSource(found.TarballUrl ?? Client.Resolve(TarballOf(name, version)), found.Checksum)
            : null;

    private static string PathOf(string name) => $"packages/{Segment(name)}";

    private static string TarballOf(string name, string version) => $"{PathOf(name)}/{Segment(version)}/tarball";

    private async Task<JsonDocument?> FindAsync(string name, string? version, CancellationToken cancellationToken)
    {
        CheckName(name);
        CheckVersion(version);
        var found = await Client.FindJsonAsync(version is null ? PathOf(name) : $"{PathOf(name)}/{Segment(version)}", Json, cancellationToken);
        if (found is null || (found.RootElement.Text("name") == name && found.RootElement.Text("version") is { } answered && (version ?? answered) == answered))
        {
            return found;
        }

        found.Dispose();
        throw Client.Bad($"answered for '{name}' with something that is not its metadata");
    }

    private async Task<IReadOnlyList<string>?> FindVersionsAsync(string name, CancellationToken cancellationToken)
    {
        CheckName(name);
        using var found = await Client.FindJsonAsync($"{PathOf(name)}/versions", Json, cancellationToken);
        return found?.RootElement.Member("versions") is { ValueKind: JsonValueKind.Array } versions
            ? [.. versions.EnumerateArray().Where(static version => version.ValueKind == JsonValueKind.String).Select(static version => version.GetString()!)]
            : null;
    }

    private async Task<MadeManifest?> MakeManifestAsync(PackumentBuilder builder, string name, SemanticVersion version, CancellationToken cancellationToken)
    {
        using var found = await FindAsync(name, version.Text, cancellationToken);
        return found?.RootElement is { } package
            ? builder.Make(version, package, (LinkOf(package.Text("tarballUrl") ?? TarballOf(name, version.Text)), package.Text("checksum")), package.Text("publishedAt"))
            : null;
    }

    /// <summary>One hit that is wrong is not worth the others.</summary>
    private PackageMetadata? Hit(JsonElement package)
    {
        try
        {
            return Read(package);
        }
        catch (RegistryException)
        {
            return null;
        }
    }

    private PackageMetadata? Read(JsonElement package) =>
        package.Text("name") is { } name && package.Text("version") is { } version
            ? new PackageMetadata
            {
                Name = name,
                Version = version,
                Description = package.Text("description"),
                Repository = package.Text("repository", "url"),
                Homepage = package.Text("homepage"),
                License = package.Text("license", "type"),
                TarballUrl = package.Text("tarballUrl") is { } tarball ? Client.Resolve(tarball) : null,
                Checksum = package.Text("checksum"),
                Dependencies = package.Map("dependencies"),
                DevDependencies = package.Map("devDependencies"),
            }
            : null;
}
