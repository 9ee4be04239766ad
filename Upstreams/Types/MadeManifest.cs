using System.Text.Encodings.Web;
using System.Text.Json;

namespace Registry.Upstreams.Types;

/// <summary>A version's manifest as it goes into a packument that is put together.</summary>
/// <param name="Json">UTF-8 JSON.</param>
/// <param name="Time">When it was published, if that is known.</param>
internal sealed record MadeManifest(ReadOnlyMemory<byte> Json, string? Time)
{
    private const int MostLevels = 8; // what is deeper is nothing a client knows, and could make the packument deeper than parsers go

    /// <summary>Texts with <c>+</c> and letters of all languages as they are: nothing of it is written into a page.</summary>
    public static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] AsGiven =
    [
        "description", "repository", "homepage", "bugs", "license", "author", "contributors", "keywords", "deprecated",
        "bin", "engines", "os", "cpu", "libc", "peerDependenciesMeta", "bundleDependencies", "bundledDependencies",
    ];

    private static readonly string[] Maps = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"];

    /// <summary>Makes one.</summary>
    /// <param name="name">The package's full name.</param>
    /// <param name="version">The version.</param>
    /// <param name="source">What is said of it: members of a manifest.</param>
    /// <param name="dist">Its tarball.</param>
    /// <param name="time">When it was published.</param>
    public static MadeManifest Of(string name, SemanticVersion version, JsonElement source, MadeDist dist, string? time)
    {
        var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, Plain))
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("version", version.Text);
            foreach (var key in AsGiven)
            {
                if (source.Member(key) is { ValueKind: not JsonValueKind.Null } member && IsShallow(member, MostLevels))
                {
                    writer.WritePropertyName(key);
                    member.WriteTo(writer);
                }
            }

            WriteMaps(writer, source);
            WriteDist(writer, dist);
            writer.WriteEndObject();
        }

        return new MadeManifest(json.ToArray(), time);
    }

    private static void WriteMaps(Utf8JsonWriter writer, JsonElement source)
    {
        foreach (var (key, map) in Maps.Select(key => (key, source.Map(key))))
        {
            if (map is not null)
            {
                writer.WriteStartObject(key);
                foreach (var (needed, range) in map)
                {
                    writer.WriteString(needed, range);
                }

                writer.WriteEndObject();
            }
        }
    }

    private static void WriteDist(Utf8JsonWriter writer, MadeDist dist)
    {
        writer.WriteStartObject("dist");
        writer.WriteString("tarball", dist.Tarball);
        if (dist.Checksum is { } checksum)
        {
            writer.WriteString("integrity", checksum.Integrity);
            if (checksum.Shasum is { } shasum)
            {
                writer.WriteString("shasum", shasum);
            }
        }

        writer.WriteEndObject();
    }

    private static bool IsShallow(JsonElement element, int levels) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => levels > 0 && element.EnumerateObject().All(member => IsShallow(member.Value, levels - 1)),
            JsonValueKind.Array => levels > 0 && element.EnumerateArray().All(item => IsShallow(item, levels - 1)),
            _ => true,
        };
}

/// <summary>Where a version's tarball is, and what it has to be.</summary>
/// <param name="Tarball">The link.</param>
/// <param name="Checksum">Its digest; null when the registry does not say.</param>
internal sealed record MadeDist(string Tarball, Checksum? Checksum);
