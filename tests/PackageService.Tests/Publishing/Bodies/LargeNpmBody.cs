using System.Formats.Tar;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;

using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Tests.Publishing.Bodies;

/// <summary>npm's body for a package of hundreds of megabytes, made while it is read.</summary>
internal sealed class LargeNpmBody : ForwardReadStream
{
    private readonly Stream _body;

    public LargeNpmBody(string name, string version, long sizeBytes)
    {
        var pipe = new Pipe();
        _body = pipe.Reader.AsStream();
        _ = Task.Run(async () =>
        {
            var stream = pipe.Writer.AsStream();
            var text = $$$"""{"_id":"{{{name}}}","name":"{{{name}}}","versions":{"{{{version}}}":{"name":"{{{name}}}","version":"{{{version}}}"}},"_attachments":{"x.tgz":{"data":" """;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text.TrimEnd()));
            await WriteTarballAsync(stream, name, version, sizeBytes);
            await stream.WriteAsync("\"}}}"u8.ToArray());
            await pipe.Writer.CompleteAsync();
        });
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _body.ReadAsync(buffer, cancellationToken);

    private static async Task WriteTarballAsync(Stream destination, string name, string version, long sizeBytes)
    {
        using var transform = new ToBase64Transform();
        await using var base64 = new CryptoStream(destination, transform, CryptoStreamMode.Write, leaveOpen: true);
        await using var gzip = new GZipStream(base64, CompressionLevel.NoCompression);
        await using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
        var chunk = RandomNumberGenerator.GetBytes(1024 * 1024);
        await AddAsync(tar, "package/package.json", Encoding.UTF8.GetBytes($$"""{"name":"{{name}}","version":"{{version}}"}"""));
        for (var (written, index) = (0L, 0); written < sizeBytes; written += chunk.Length, index++)
        {
            await AddAsync(tar, $"package/{index}.bin", chunk);
        }
    }

    private static Task AddAsync(TarWriter tar, string path, byte[] content) =>
        tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) });
}
