using System.IO.Compression;
using System.Text.Json;

using Registry.PackageService.Data;

namespace Registry.PackageService.Proxying;

/// <summary>What a packument promises of a version's tarball.</summary>
/// <param name="Link">Where it is, as <see cref="Registry.Upstreams.Types.PackageRegistry.LinkOf"/> writes it.</param>
/// <param name="Integrity">SRI; null when the upstream does not say.</param>
/// <param name="Shasum">SHA-1 in hexadecimal digits; null when the upstream does not say.</param>
internal sealed record TarballPromise(string Link, string? Integrity, string? Shasum)
{
    /// <summary>Whether these bytes are others than it promises; false when it says nothing that tells.</summary>
    public bool Excludes(StoredBytes bytes) => Excludes("sha512-", bytes.Integrity) ?? Excludes("sha256-", Sha256Of(bytes.Digest)) ?? false;

    private static string Sha256Of(string digest) => $"sha256-{Convert.ToBase64String(Convert.FromHexString(digest.AsSpan("sha256:".Length)))}";

    /// <returns>Null when nothing is promised in this algorithm.</returns>
    private bool? Excludes(string algorithm, string sri)
    {
        var promised = Integrity?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(hash => hash.StartsWith(algorithm, StringComparison.Ordinal)).ToList();
        return promised is { Count: > 0 } ? !promised.Exists(hash => hash.Split('?')[0] == sri) : null;
    }
}

/// <summary>A packument of an upstream as it is kept: JSON whose links do not depend on where the upstream is.</summary>
/// <param name="Json">UTF-8.</param>
/// <param name="Revision">Digest of it.</param>
/// <param name="Tarballs">What it promises, by version.</param>
internal sealed record KeptPackument(ReadOnlyMemory<byte> Json, string Revision, IReadOnlyDictionary<string, TarballPromise> Tarballs)
{
    /// <summary>How such JSON is read: what an upstream sends may be nested deeper than what we write.</summary>
    public static JsonReaderOptions ReaderOptions { get; } = new() { MaxDepth = 256 };

    /// <summary>The next member's name, with the reader on its value; null at the end of the object.</summary>
    public static string? NextMember(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }

        var member = reader.GetString()!;
        reader.Read();
        return member;
    }

    /// <summary>As it is stored.</summary>
    public byte[] Compress()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(Json.Span);
        }

        return compressed.ToArray();
    }

    /// <summary>The JSON of what was stored.</summary>
    public static ReadOnlyMemory<byte> Expand(byte[] stored)
    {
        using var gzip = new GZipStream(new MemoryStream(stored), CompressionMode.Decompress);
        using var json = new MemoryStream(stored.Length * 6);
        gzip.CopyTo(json);
        return json.GetBuffer().AsMemory(0, (int)json.Length);
    }
}
