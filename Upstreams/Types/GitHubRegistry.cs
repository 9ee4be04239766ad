using System.Text.Json;

using Registry.Upstreams.Http;

namespace Registry.Upstreams.Types;

/// <summary>
/// Releases of repositories as packages, over GitHub's REST API (M15, M16). A package is called <c>owner/repository</c> or
/// <c>@owner/repository</c>; its versions are the tags of its releases, without a leading <c>v</c> (K30); its tarball is the
/// release's asset that is one, else the source GitHub packs.
/// </summary>
public sealed class GitHubRegistry : PackageRegistry
{
    private const string Json = "application/vnd.github+json";
    private const string Raw = "application/vnd.github.raw+json";
    private const string Bytes = "application/octet-stream";
    private const string Assets = "/releases/assets/"; // described as JSON to whoever does not ask for its bytes
    private const int PageSize = 100;
    private const int MostPages = 10;
    private const int MostReleases = 30; // each new one is a question, and GitHub answers few of those who do not say who they are

    /// <summary>Makes one.</summary>
    /// <param name="config">Where its API is.</param>
    /// <param name="handler">What carries its requests, without following redirects; null for connections of its own.</param>
    /// <param name="clock">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">The configuration cannot be used.</exception>
    public GitHubRegistry(RegistryConfig config, HttpMessageHandler? handler = null, TimeProvider? clock = null)
        : base(config, handler, clock)
    {
    }

    /// <inheritdoc/>
    public override async Task<PackageMetadata?> FetchMetadataAsync(string name, string? version = null, CancellationToken cancellationToken = default)
    {
        CheckVersion(version, mayHaveSlashes: true);
        if (PathOf(name) is not { } repository)
        {
            return null;
        }

        using var release = await FindReleaseAsync(repository, version, cancellationToken);
        return release is null ? null : await DescribeAsync(name, repository, release.RootElement, cancellationToken);
    }

    /// <summary>Repositories that match and have a release. What GitHub lets us ask is little, so of each only the latest release is asked for.</summary>
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<PackageMetadata>> SearchAsync(string query, CancellationToken cancellationToken = default)
    {
        using var page = await Client.FindJsonAsync($"search/repositories?q={Uri.EscapeDataString(query)}&per_page=20", Json, cancellationToken);
        if (page is null)
        {
            return [];
        }

        var hits = await Task.WhenAll(page.RootElement.List("items").Select(item => FindHitAsync(item, cancellationToken)));
        return [.. hits.OfType<PackageMetadata>()];
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>?> ListVersionsAsync(string name, CancellationToken cancellationToken = default)
    {
        if (PathOf(name) is not { } repository)
        {
            return null;
        }

        var versions = new List<string>();
        for (var number = 1; number <= MostPages; number++)
        {
            using var page = await Client.FindJsonAsync($"{repository}/releases?per_page={PageSize}&page={number}", Json, cancellationToken);
            if (page is null)
            {
                return null;
            }

            var releases = ReleasesOf(name, page);
            versions.AddRange(releases.EnumerateArray().Where(IsPublished).Select(VersionOf).OfType<string>());
            if (releases.GetArrayLength() < PageSize)
            {
                break;
            }
        }

        return versions;
    }

    /// <summary>
    /// Put together from the newest releases whose versions npm clients understand, and from the <c>package.json</c> at their tags. It is
    /// asked for once for each tag; where the tarball is, is what the release says now.
    /// </summary>
    /// <inheritdoc/>
    public override async Task<PackumentAnswer> FetchPackumentAsync(PackumentQuery query, CancellationToken cancellationToken = default)
    {
        if (PathOf(query.Name) is not { } repository)
        {
            return new PackumentAnswer.NotFound();
        }

        using var page = await Client.FindJsonAsync($"{repository}/releases?per_page={MostReleases}&page=1", Json, cancellationToken);
        var releases = page is null
            ? []
            : ReleasesOf(query.Name, page).EnumerateArray().Where(IsPublished).Where(IsVersion).DistinctBy(VersionOf).ToDictionary(static release => VersionOf(release)!, StringComparer.Ordinal);
        if (releases.Count == 0)
        {
            return new PackumentAnswer.NotFound();
        }

        using var builder = new PackumentBuilder(Client, query);
        await builder.AddAsync(releases.Keys, (version, token) => MakeManifestAsync(builder, repository, (version, releases[version.Text]), token), cancellationToken);
        using var latest = await FindReleaseAsync(repository, null, cancellationToken);
        return builder.Answer(latest is null ? null : VersionOf(latest.RootElement));
    }

    private protected override string AcceptOf(Uri url) => url.AbsolutePath.Contains(Assets, StringComparison.Ordinal) && Client.Base.IsOrigin(url) ? Bytes : TarballSource.AnyType;

    private protected override async Task<TarballSource?> FindTarballAsync(string name, string version, CancellationToken cancellationToken)
    {
        CheckVersion(version, mayHaveSlashes: true);
        if (PathOf(name) is not { } repository)
        {
            return null;
        }

        using var release = await FindReleaseAsync(repository, version, cancellationToken);
        return release is null ? null : SourceOf(release.RootElement);
    }

    /// <summary><c>repos/owner/repository</c>; null for a name that no repository has.</summary>
    private static string? PathOf(string name)
    {
        CheckName(name);
        return name.TrimStart('@').Split('/') is [var owner, var repository] ? $"repos/{Segment(owner)}/{Segment(repository)}" : null;
    }

    private JsonElement ReleasesOf(string name, JsonDocument page) =>
        page.RootElement is { ValueKind: JsonValueKind.Array } list ? list : throw Client.Bad($"answered for '{name}' with something that is no list of releases");

    private async Task<MadeManifest?> MakeManifestAsync(
        PackumentBuilder builder, string repository, (SemanticVersion Version, JsonElement Release) of, CancellationToken cancellationToken)
    {
        if (SourceOf(of.Release) is not { } source)
        {
            return null;
        }

        var known = builder.KnownManifest(of.Version);
        using var package = known is null ? await FindManifestAsync(repository, of.Release.Text("tag_name")!, cancellationToken) : null;
        return builder.Make(of.Version, known ?? package?.RootElement ?? default, (Client.Base.LinkOf(source.Url), source.Checksum), of.Release.Text("published_at"));
    }

    private async Task<PackageMetadata?> FindHitAsync(JsonElement item, CancellationToken cancellationToken)
    {
        try
        {
            if (item.Text("full_name") is not { } name || PathOf(name) is not { } repository)
            {
                return null;
            }

            using var release = await FindReleaseAsync(repository, null, cancellationToken);
            return release is null || VersionOf(release.RootElement) is not { } version
                ? null
                : new PackageMetadata
                {
                    Name = name,
                    Version = version,
                    Description = item.Text("description"),
                    Repository = item.Text("html_url"),
                    Homepage = item.Text("homepage"),
                    License = item.Member("license")?.Text("spdx_id"),
                };
        }
        catch (Exception wrong) when (wrong is RegistryException or ArgumentException)
        {
            return null; // one hit that is wrong is not worth the others
        }
    }

    private async Task<JsonDocument?> FindReleaseAsync(string repository, string? version, CancellationToken cancellationToken) =>
        version is null
            ? await Client.FindJsonAsync($"{repository}/releases/latest", Json, cancellationToken)
            : await Client.FindJsonAsync($"{repository}/releases/tags/v{Segment(version)}", Json, cancellationToken)
                ?? await Client.FindJsonAsync($"{repository}/releases/tags/{Segment(version)}", Json, cancellationToken);

    private async Task<PackageMetadata?> DescribeAsync(string name, string path, JsonElement release, CancellationToken cancellationToken)
    {
        var tag = release.Text("tag_name") ?? throw Client.Bad($"answered for '{name}' with something that is no release");
        using var repository = await Client.FindJsonAsync(path, Json, cancellationToken);
        using var manifest = await FindManifestAsync(path, tag, cancellationToken);
        var about = repository?.RootElement ?? default;
        var package = manifest?.RootElement ?? default;
        var source = SourceOf(release);
        return new PackageMetadata
        {
            Name = name,
            Version = VersionOf(release)!,
            Description = package.Text("description") ?? about.Text("description"),
            Repository = about.Text("html_url"),
            Homepage = package.Text("homepage") ?? about.Text("homepage"),
            License = package.Text("license", "type") ?? about.Member("license")?.Text("spdx_id"),
            TarballUrl = source?.Url,
            Checksum = source?.Checksum,
            Dependencies = package.Map("dependencies"),
            DevDependencies = package.Map("devDependencies"),
        };
    }

    /// <summary>What the repository says of itself at the tag; one that is no npm package says nothing.</summary>
    private async Task<JsonDocument?> FindManifestAsync(string path, string tag, CancellationToken cancellationToken)
    {
        var bytes = await Client.FindBytesAsync($"{path}/contents/package.json?ref={Uri.EscapeDataString(tag)}", Raw, cancellationToken);
        return bytes is null ? null : JsonParsing.TryParse(bytes.Value);
    }

    private TarballSource? SourceOf(JsonElement release)
    {
        var asset = release.List("assets").Cast<JsonElement?>().FirstOrDefault(static asset => IsTarball(asset!.Value.Text("name")));
        return asset?.Text("url") is { } url ? new TarballSource(Client.Resolve(url), asset.Value.Text("digest"), Bytes)
            : release.Text("tarball_url") is { } packed ? new TarballSource(Client.Resolve(packed), null)
            : null;
    }

    private static bool IsTarball(string? name) =>
        name is not null && (name.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase));

    private static bool IsPublished(JsonElement release) => release.Member("draft") is not { ValueKind: JsonValueKind.True };

    private static bool IsVersion(JsonElement release) => VersionOf(release) is { } version && SemanticVersion.TryParse(version) is not null;

    private static string? VersionOf(JsonElement release) =>
        release.Text("tag_name") is { } tag ? tag is ['v', >= '0' and <= '9', ..] ? tag[1..] : tag : null;
}
