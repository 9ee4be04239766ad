using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Registry.PackageService.Tests.Publishing.Tarballs;

/// <summary>Tarballs made for a test.</summary>
internal static class Tarball
{
    /// <summary>A package with this manifest and these text files below <c>package/</c>, as npm packs it.</summary>
    public static byte[] Of(JsonObject manifest, params (string Path, string Text)[] files) =>
        Written(tar =>
        {
            Add(tar, "package/package.json", manifest.ToJsonString());
            foreach (var (path, text) in files)
            {
                Add(tar, $"package/{path}", text);
            }
        });

    /// <summary>A small package of this name and version.</summary>
    public static byte[] Of(string name, string version) => Of(new JsonObject { ["name"] = name, ["version"] = version });

    /// <summary>What a tar writer wrote, compressed.</summary>
    public static byte[] Written(Action<TarWriter> write, TarEntryFormat format = TarEntryFormat.Pax)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, format, leaveOpen: true))
        {
            write(tar);
        }

        return Gzip(bytes.ToArray());
    }

    /// <summary>Adds a file.</summary>
    public static void Add(TarWriter tar, string path, string text) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });

    /// <summary>Compresses.</summary>
    public static byte[] Gzip(byte[] content)
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return bytes.ToArray();
    }

    /// <summary>Decompresses.</summary>
    public static byte[] Gunzip(byte[] content)
    {
        var bytes = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }
}
