using System.Net;
using System.Text.Json;

using Registry.Upstreams.Http;

namespace Registry.Upstreams.Types;

/// <summary>A registry that speaks the npm protocol (M09–M14).</summary>
public sealed class NpmRegistry : PackageRegistry
{
    private const string Json = "application/json";
    private const string Abbreviated = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";
    private const int PageSize = 20;

    /// <summary>Makes one.</summary>
    /// <param name="config">Where it is.</param>
    /// <param name="handler">What carries its requests, without following redirects; null for connections of its own.</param>
    /// <param name="clock">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">The configuration cannot be used.</exception>
    public NpmRegistry(RegistryConfig config, HttpMessageHandler? handler = null, TimeProvider? clock = null)
        : base(config, handler, clock)
    {
    }

    /// <inheritdoc/>
    public override async Task<PackageMetadata?> FetchMetadataAsync(string name, string? version = null, CancellationToken cancellationToken = default)
    {
        CheckName(name);
        CheckVersion(version);
        var wanted = version ?? "latest";
        using var manifest = await FindManifestAsync(name, wanted, cancellationToken);
        if (manifest is not null)
        {
            var found = Read(manifest.RootElement, name);
            return found.Version == wanted || !char.IsAsciiDigit(wanted[0]) // a dist-tag never begins like a version
                ? found
                : throw Client.Bad($"answered for '{name}' with another version than {wanted}");
        }

        // Not every registry has the route for one version: what is missing there may be in the packument.
        using var packument = await Client.FindJsonAsync(Segment(name), Json, cancellationToken);
        return packument is not null && Find(packument.RootElement, wanted) is { } inside ? Read(inside, name) : null;
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<PackageMetadata>> SearchAsync(string query, CancellationToken cancellationToken = default)
    {
        using var page = await Client.FindJsonAsync($"-/v1/search?text={Uri.EscapeDataString(query)}&size={PageSize}", Json, cancellationToken);
        return page is null
            ? []
            : [.. page.RootElement.List("objects").Select(static hit => hit.Member("package")).OfType<JsonElement>().Select(Hit).OfType<PackageMetadata>()];
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>?> ListVersionsAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckName(name);
        using var packument = await Client.FindJsonAsync(Segment(name), Abbreviated, cancellationToken);
        return packument is null ? null
            : packument.RootElement.Member("versions") is { ValueKind: JsonValueKind.Object } versions ? [.. versions.EnumerateObject().Select(static version => version.Name)]
            : packument.RootElement.Text("name") == name ? null // of a package that was unpublished, the times are left
            : throw Client.Bad($"answered for '{name}' with something that is no packument");
    }

    /// <inheritdoc/>
    public override bool MakesPackuments => false;

    /// <inheritdoc/>
    public override async Task<PackumentAnswer> FetchPackumentAsync(PackumentQuery query, CancellationToken cancellationToken = default)
    {
        CheckName(query.Name);
        var document = await Client.FindAsync(Segment(query.Name), new Question(query.Abbreviated ? Abbreviated : Json, query.Known), cancellationToken);
        if (document is null)
        {
            return new PackumentAnswer.NotFound();
        }

        if (document.Bytes is not { } bytes)
        {
            return new PackumentAnswer.NotModified();
        }

        var json = JsonParsing.WithoutMark(bytes);
        var read = PackumentReading.TryRead(json.Span);
        return read?.Name != query.Name || read.Versions < 0 ? throw Client.Bad($"answered for '{query.Name}' with something that is no packument of it")
            : read.Versions > 0 ? new PackumentAnswer.Found(new Packument(json, document.ETag, document.LastModified))
            : new PackumentAnswer.NotFound(); // of a package that was unpublished, the times are left
    }

    private protected override string PingTarget => "-/ping";

    private async Task<JsonDocument?> FindManifestAsync(string name, string version, CancellationToken cancellationToken)
    {
        try
        {
            return await Client.FindJsonAsync($"{Segment(name)}/{Segment(version)}", Json, cancellationToken);
        }
        catch (RegistryException unknown) when (unknown.Status is HttpStatusCode.MethodNotAllowed)
        {
            return null;
        }
    }

    private static JsonElement? Find(JsonElement packument, string version) =>
        packument.Member("versions")?.Member(packument.Member("dist-tags")?.Text(version) ?? version);

    private static PackageMetadata? Hit(JsonElement package) =>
        package.Text("name") is { } name && package.Text("version") is { } version
            ? new PackageMetadata
            {
                Name = name,
                Version = version,
                Description = package.Text("description"),
                Homepage = package.Member("links")?.Text("homepage"),
                Repository = package.Member("links")?.Text("repository"),
                License = package.Text("license", "type"),
            }
            : null;

    private PackageMetadata Read(JsonElement manifest, string name)
    {
        if (manifest.Text("name") != name || manifest.Text("version") is not { } version)
        {
            throw Client.Bad($"answered for '{name}' with something that is no manifest of it");
        }

        var dist = manifest.Member("dist");
        return new PackageMetadata
        {
            Name = name,
            Version = version,
            Description = manifest.Text("description"),
            Repository = manifest.Text("repository", "url"),
            Homepage = manifest.Text("homepage"),
            License = manifest.Text("license", "type"),
            TarballUrl = dist?.Text("tarball") is { } tarball ? Client.Resolve(tarball) : null,
            Checksum = dist?.Text("integrity") ?? dist?.Text("shasum"),
            Dependencies = manifest.Map("dependencies"),
            DevDependencies = manifest.Map("devDependencies"),
        };
    }
}
