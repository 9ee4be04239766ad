using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

using Registry.PackageService.Packages;
using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>
/// Reads a packument as an upstream sent it, version by version: what cannot be installed is left out, so that one bad version does not
/// spoil the others, and links are made independent of where the upstream is.
/// </summary>
internal sealed class PackumentIntake(PackageName name, Func<string, string> linkOf)
{
    private const int LongestLink = 2048;
    private readonly Dictionary<string, TarballPromise> _tarballs = new(StringComparer.Ordinal);

    /// <summary>Reads it.</summary>
    /// <returns>Null when no version is left.</returns>
    /// <exception cref="JsonException">It is no packument.</exception>
    public KeptPackument? Read(ReadOnlyMemory<byte> json)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(json.Length, 256));
        using (var writer = new Utf8JsonWriter(buffer, ManifestJson.WriterOptions))
        {
            var reader = new Utf8JsonReader(json.Span, KeptPackument.ReaderOptions);
            Expect(ref reader, JsonTokenType.StartObject);
            writer.WriteStartObject();
            JsonElement? tags = null;
            while (KeptPackument.NextMember(ref reader) is { } member)
            {
                if (member == "versions")
                {
                    CopyVersions(ref reader, writer);
                }
                else if (JsonElement.ParseValue(ref reader) is var value && member == "dist-tags")
                {
                    tags = value;
                }
                else if (member != "_attachments")
                {
                    writer.WritePropertyName(member);
                    value.WriteTo(writer);
                }
            }

            WriteTags(writer, tags);
            writer.WriteEndObject();
        }

        return _tarballs.Count == 0
            ? null
            : new KeptPackument(buffer.WrittenMemory, Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan).AsSpan(0, 16)), _tarballs);
    }

    /// <summary>What a kept packument promises.</summary>
    /// <exception cref="JsonException">It is damaged.</exception>
    public static IReadOnlyDictionary<string, TarballPromise> PromisesOf(ReadOnlyMemory<byte> kept, PackageName name)
    {
        var intake = new PackumentIntake(name, static link => link);
        intake.Read(kept);
        return intake._tarballs;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (!reader.Read() || reader.TokenType != token)
        {
            throw new JsonException("This is no packument.");
        }
    }

    private void CopyVersions(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The versions of a packument are an object.");
        }

        writer.WriteStartObject("versions");
        while (KeptPackument.NextMember(ref reader) is { } version)
        {
            var manifest = JsonElement.ParseValue(ref reader);
            if (PromiseOf(version, manifest) is { } promise && _tarballs.TryAdd(version, promise))
            {
                writer.WritePropertyName(version);
                ManifestCopy.Write(writer, manifest, promise.Link, static _ => true);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>Null for what is no version of this package that could be installed.</summary>
    private TarballPromise? PromiseOf(string version, JsonElement manifest) =>
        SemVersion.TryParse(version, out _)
        && manifest.Text("name") == name.Value
        && manifest.Text("version") == version
        && manifest.TryGetProperty("dist", out var dist)
        && dist.Text("tarball") is { Length: <= LongestLink } tarball
        && TryLink(tarball) is { } link
            ? new TarballPromise(link, dist.Text("integrity"), dist.Text("shasum"))
            : null;

    private string? TryLink(string tarball)
    {
        try
        {
            return linkOf(tarball);
        }
        catch (Exception wrong) when (wrong is RegistryException or UriFormatException or InvalidOperationException)
        {
            return null; // it is no URL: this version cannot be installed, the others can
        }
    }

    private void WriteTags(Utf8JsonWriter writer, JsonElement? tags)
    {
        writer.WriteStartObject("dist-tags");
        if (tags is { ValueKind: JsonValueKind.Object } given)
        {
            foreach (var tag in given.EnumerateObject().Where(tag => tag.Value.ValueKind == JsonValueKind.String && _tarballs.ContainsKey(tag.Value.GetString()!)))
            {
                tag.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}

/// <summary>Copies a version's manifest with another link to its tarball.</summary>
internal static class ManifestCopy
{
    /// <summary>Writes it.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="manifest">The manifest; its <c>dist</c> is an object.</param>
    /// <param name="link">The link.</param>
    /// <param name="keep">Which members are wanted; <c>dist</c> always is.</param>
    /// <param name="mark">A member to add that is true; null for none.</param>
    public static void Write(Utf8JsonWriter writer, JsonElement manifest, string link, Func<string, bool> keep, string? mark = null)
    {
        writer.WriteStartObject();
        if (mark is not null)
        {
            writer.WriteBoolean(mark, true);
        }

        foreach (var member in manifest.EnumerateObject().Where(member => member.Name != "dist" && keep(member.Name)))
        {
            member.WriteTo(writer);
        }

        writer.WriteStartObject("dist");
        writer.WriteString("tarball", link);
        foreach (var member in manifest.GetProperty("dist").EnumerateObject().Where(static member => member.Name != "tarball"))
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
