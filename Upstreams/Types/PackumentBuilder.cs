using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

using Registry.Upstreams.Http;

namespace Registry.Upstreams.Types;

/// <summary>
/// Puts a packument together from versions that are asked for one by one, several at a time. A version that is broken is left out; a
/// registry that fails fails as a whole, or versions would come and go with its health.
/// </summary>
internal sealed class PackumentBuilder(RegistryClient client, PackumentQuery query) : IDisposable
{
    private const int MostVersions = 200;
    private const int AtOnce = 8;

    private readonly JsonDocument? _known = query.Known is { Json: { IsEmpty: false } json } ? JsonParsing.TryParse(json) : null;
    private readonly ConcurrentDictionary<SemanticVersion, MadeManifest> _made = [];
    private RegistryException? _broken;
    private long _size;

    /// <summary>What is known of a version from last time: it never changes.</summary>
    public MadeManifest? Known(SemanticVersion version) =>
        KnownManifest(version) is { } manifest
            ? new MadeManifest(JsonMarshal.GetRawUtf8Value(manifest).ToArray(), _known!.RootElement.Member("time")?.Text(version.Text))
            : null;

    /// <inheritdoc cref="Known"/>
    public JsonElement? KnownManifest(SemanticVersion version) =>
        _known?.RootElement.Member("versions")?.Member(version.Text) is { } manifest
        && manifest.Text("name") == query.Name && manifest.Text("version") == version.Text && manifest.Member("dist")?.Text("tarball") is not null
            ? manifest
            : null;

    /// <summary>Makes the manifest of a version.</summary>
    /// <exception cref="RegistryException">It cannot be told what its tarball has to be.</exception>
    public MadeManifest Make(SemanticVersion version, JsonElement source, (string Link, string? Checksum) dist, string? time)
    {
        var checksum = dist.Checksum is { } text
            ? Checksum.Parse(text) ?? throw client.Bad($"gives {query.Name} {version.Text} a checksum in no known form: '{text}'")
            : null;
        return MadeManifest.Of(query.Name, version, source, new MadeDist(dist.Link, checksum), DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out _) ? time : null);
    }

    /// <summary>Adds versions, the newest first. What npm clients would not take for a version is left out.</summary>
    /// <param name="versions">The versions.</param>
    /// <param name="make">Makes the manifest of one; null when it is not there.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task AddAsync(
        IEnumerable<string> versions, Func<SemanticVersion, CancellationToken, Task<MadeManifest?>> make, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            versions.Select(SemanticVersion.TryParse).OfType<SemanticVersion>().Distinct().OrderDescending().Take(MostVersions),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (version, token) =>
            {
                if (await TryAsync(version, make, token) is not { } manifest)
                {
                    return;
                }

                _made[version] = manifest;
                if (Interlocked.Add(ref _size, manifest.Json.Length) > client.Config.MaxDocumentBytes)
                {
                    throw client.Bad($"has more than {client.Config.MaxDocumentBytes} bytes to say of '{query.Name}'");
                }
            });

    /// <summary>The packument of what was added.</summary>
    /// <param name="latest">The version the registry calls the latest; when it is not among them, the highest is.</param>
    /// <exception cref="RegistryException">No version was of use.</exception>
    public PackumentAnswer Answer(string? latest)
    {
        if (_made.IsEmpty)
        {
            throw _broken ?? client.Bad($"has no version of '{query.Name}' that an npm client could use");
        }

        var json = Write(latest);
        return query.Known is { } known && json.AsSpan().SequenceEqual(known.Json.Span)
            ? new PackumentAnswer.NotModified()
            : new PackumentAnswer.Found(new Packument(json, null, null));
    }

    public void Dispose() => _known?.Dispose();

    private async Task<MadeManifest?> TryAsync(
        SemanticVersion version, Func<SemanticVersion, CancellationToken, Task<MadeManifest?>> make, CancellationToken cancellationToken)
    {
        try
        {
            return await make(version, cancellationToken);
        }
        catch (RegistryException broken) when (broken.Failure is RegistryFailure.BadAnswer or RegistryFailure.Failed)
        {
            Interlocked.CompareExchange(ref _broken, broken, null);
            return null;
        }
    }

    private byte[] Write(string? latest)
    {
        var versions = _made.OrderBy(static made => made.Key).ToList();
        var tagged = versions.Find(made => made.Key.Text == latest).Key ?? versions.FindLast(static made => !made.Key.IsPrerelease).Key ?? versions[^1].Key;
        var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, MadeManifest.Plain))
        {
            writer.WriteStartObject();
            writer.WriteString("name", query.Name);
            writer.WriteStartObject("dist-tags");
            writer.WriteString("latest", tagged.Text);
            writer.WriteEndObject();
            writer.WriteStartObject("versions");
            foreach (var (version, manifest) in versions)
            {
                writer.WritePropertyName(version.Text);
                writer.WriteRawValue(manifest.Json.Span);
            }

            writer.WriteEndObject();
            writer.WriteStartObject("time");
            foreach (var (version, manifest) in versions.Where(static made => made.Value.Time is not null))
            {
                writer.WriteString(version.Text, manifest.Time);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return json.ToArray();
    }
}
