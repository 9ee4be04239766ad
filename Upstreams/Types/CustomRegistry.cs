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
        CheckName(name);
        CheckVersion(version);
        using var found = await Client.FindJsonAsync(version is null ? PathOf(name) : $"{PathOf(name)}/{Segment(version)}", Json, cancellationToken);
        if (found is null)
        {
            return null;
        }

        var metadata = Read(found.RootElement);
        return metadata?.Name == name && (version is null || metadata.Version == version)
            ? metadata
            : throw Client.Bad($"answered for '{name}' with something that is not its metadata");
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
        CheckName(name);
        using var found = await Client.FindJsonAsync($"{PathOf(name)}/versions", Json, cancellationToken);
        if (found?.RootElement.Member("versions") is { ValueKind: JsonValueKind.Array } versions)
        {
            return [.. versions.EnumerateArray().Where(static version => version.ValueKind == JsonValueKind.String).Select(static version => version.GetString()!)];
        }

        // The convention's own example declares /:name/:version before /:name/versions, so 'versions' reaches it as a version.
        return await FetchMetadataAsync(name, null, cancellationToken) is { } latest ? [latest.Version] : null;
    }

    /// <summary>The route of the convention, unless the registry names another place.</summary>
    private protected override async Task<TarballSource?> FindTarballAsync(string name, string version, CancellationToken cancellationToken) =>
        await FetchMetadataAsync(name, version, cancellationToken) is { } found
            ? new TarballSource(found.TarballUrl ?? Client.Resolve($"{PathOf(name)}/{Segment(version)}/tarball"), found.Checksum)
            : null;

    private static string PathOf(string name) => $"packages/{Segment(name)}";

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
