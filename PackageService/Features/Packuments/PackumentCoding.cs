using System.IO.Compression;

namespace Registry.PackageService.Features.Packuments;

/// <summary>How the bytes of a representation are compressed.</summary>
internal enum PackumentCoding
{
    /// <summary>Not at all.</summary>
    Identity,

    /// <summary><c>gzip</c>: every client takes it.</summary>
    Gzip,

    /// <summary><c>br</c>: smaller at the same cost; pnpm, berry, bun and browsers take it.</summary>
    Brotli,
}

/// <summary>Compresses documents.</summary>
internal static class PackumentCompression
{
    private const int LargeDocument = 1024 * 1024;

    /// <summary>Compresses a document; a large one at the level that costs least, which for brotli is still smaller than gzip at its usual one.</summary>
    public static byte[] Compress(ReadOnlyMemory<byte> document, PackumentCoding coding)
    {
        var level = document.Length > LargeDocument ? CompressionLevel.Fastest : CompressionLevel.Optimal;
        using var compressed = new MemoryStream(document.Length / 4);
        using (Stream stream = coding == PackumentCoding.Brotli ? new BrotliStream(compressed, level) : new GZipStream(compressed, level))
        {
            stream.Write(document.Span);
        }

        return compressed.ToArray();
    }
}
