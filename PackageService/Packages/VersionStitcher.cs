using System.Buffers;
using System.Text.Json;

using Registry.Contracts.Http.Packages;

namespace Registry.PackageService.Packages;

/// <summary>A version as it is stored, as far as one of its documents shows it.</summary>
/// <param name="Version">The version.</param>
/// <param name="PublishedAt">When it was published.</param>
/// <param name="Deprecated">Why it is deprecated.</param>
/// <param name="Layout">How its fragments are written.</param>
/// <param name="Head">The document up to what changes after publishing.</param>
/// <param name="Dist">What <c>dist</c> says of the tarball beside where it is.</param>
/// <param name="ProvenanceType">What its attestation is about.</param>
internal sealed record StoredVersion(
    string Version, DateTimeOffset PublishedAt, string? Deprecated, int? Layout, byte[]? Head, byte[]? Dist, string? ProvenanceType)
{
    /// <summary>False for a version from before fragments, or before its document's present layout.</summary>
    public bool IsComplete => Layout >= VersionFragments.CurrentLayout;
}

/// <summary>Puts the documents of a package's versions together from their fragments, without reading what is in them.</summary>
internal sealed class VersionStitcher
{
    private readonly ArrayBufferWriter<byte> _document = new(4096);
    private readonly byte[] _maintainers;
    private readonly byte[] _beforeVersion;
    private readonly byte[] _attestations;

    /// <summary>Prepares what all versions have in common.</summary>
    /// <param name="form">Which document.</param>
    /// <param name="name">The package.</param>
    /// <param name="publicUrl">Prefix of the URLs, without a trailing slash.</param>
    /// <param name="maintainers">Who may publish the package now.</param>
    public VersionStitcher(PackumentForm form, PackageName name, string publicUrl, IReadOnlyList<Person> maintainers)
    {
        // As they are now, not as they were: npm view lays a version's members over the package's, and would show owners who have left.
        _maintainers = form == PackumentForm.Full ? [.. ",\"maintainers\":"u8, .. JsonOf(writer => WriteMaintainers(writer, maintainers))] : [];
        _beforeVersion = [.. ",\"dist\":{\"tarball\":\""u8, .. Escape($"{publicUrl}/{name}/-/{name.Bare}-")];
        _attestations = [.. ",\"attestations\":{\"url\":\""u8, .. Escape($"{publicUrl}/-/npm/v1/attestations/{name}@")];
    }

    /// <summary>One version's document, valid until the next is asked for.</summary>
    public ReadOnlySpan<byte> Stitch(StoredVersion version)
    {
        var text = Escape(version.Version);
        _document.ResetWrittenCount();
        _document.Write(version.Head);
        _document.Write(_maintainers);
        if (version.Deprecated is { Length: > 0 } reason)
        {
            _document.Write(",\"deprecated\":\""u8);
            _document.Write(Escape(reason));
            _document.Write("\""u8);
        }

        _document.Write(_beforeVersion);
        _document.Write(text);
        _document.Write(".tgz\","u8);
        _document.Write(version.Dist);
        if (version.ProvenanceType is { } type)
        {
            _document.Write(_attestations);
            _document.Write(text);
            _document.Write("\",\"provenance\":{\"predicateType\":\""u8);
            _document.Write(Escape(type));
            _document.Write("\"}}"u8);
        }

        _document.Write("}}"u8);
        return _document.WrittenSpan;
    }

    /// <summary>A list of people as documents show them.</summary>
    public static void WriteMaintainers(Utf8JsonWriter writer, IReadOnlyList<Person> maintainers)
    {
        writer.WriteStartArray();
        foreach (var maintainer in maintainers)
        {
            writer.WriteStartObject();
            writer.WriteString("name", maintainer.Name);
            writer.WriteString("email", maintainer.Email ?? "");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static ReadOnlySpan<byte> Escape(string text) => JsonEncodedText.Encode(text, ManifestJson.WriterOptions.Encoder).EncodedUtf8Bytes;

    private static byte[] JsonOf(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, ManifestJson.WriterOptions))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
