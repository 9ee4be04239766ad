using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Registry.EndToEnd.Tests.Running;

/// <summary>Tarballs made for a test.</summary>
public static class TarballOf
{
    /// <summary>A package with the given manifest and files, under <c>package/</c> as npm packs it.</summary>
    public static byte[] Package(JsonObject manifest, params (string Path, byte[] Content)[] files)
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
        {
            Add(tar, "package/package.json", Encoding.UTF8.GetBytes(manifest.ToJsonString()));
            foreach (var (path, content) in files)
            {
                Add(tar, path, content);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>A small package of this name and version.</summary>
    public static byte[] Package(string name, string version) =>
        Package(new JsonObject { ["name"] = name, ["version"] = version }, ("package/index.js", "module.exports = 1;\n"u8.ToArray()));

    /// <summary>A package of about this size whose bytes do not compress.</summary>
    public static void WriteLarge(Stream destination, string name, string version, long sizeBytes)
    {
        using var gzip = new GZipStream(destination, CompressionLevel.NoCompression, leaveOpen: true);
        using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
        Add(tar, "package/package.json", Encoding.UTF8.GetBytes(new JsonObject { ["name"] = name, ["version"] = version }.ToJsonString()));
        var chunk = RandomNumberGenerator.GetBytes(1 << 20);
        for (var (written, index) = (0L, 0); written < sizeBytes; written += chunk.Length, index++)
        {
            BitConverter.TryWriteBytes(chunk, index);
            Add(tar, $"package/data/{index}.bin", chunk);
        }
    }

    /// <summary>The publish document npm would send for this tarball (protocol 3.4).</summary>
    public static JsonObject NpmDocument(string name, string version, byte[] tarball, Action<JsonObject>? edit = null)
    {
        var document = new JsonObject
        {
            ["_id"] = name,
            ["name"] = name,
            ["dist-tags"] = new JsonObject { ["latest"] = version },
            ["versions"] = new JsonObject
            {
                [version] = new JsonObject
                {
                    ["name"] = name,
                    ["version"] = version,
                    ["_id"] = $"{name}@{version}",
                    ["dist"] = new JsonObject
                    {
                        ["integrity"] = $"sha512-{Convert.ToBase64String(SHA512.HashData(tarball))}",
#pragma warning disable CA5350 // the protocol's legacy shasum
                        ["shasum"] = Convert.ToHexStringLower(SHA1.HashData(tarball)),
#pragma warning restore CA5350
                    },
                },
            },
            ["access"] = "public",
            ["_attachments"] = new JsonObject
            {
                [$"{name}-{version}.tgz"] = new JsonObject
                {
                    ["content_type"] = "application/octet-stream",
                    ["data"] = Convert.ToBase64String(tarball),
                    ["length"] = tarball.Length,
                },
            },
        };
        edit?.Invoke(document);
        return document;
    }

    private static void Add(TarWriter tar, string path, byte[] content) =>
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path)
        {
            DataStream = new MemoryStream(content),
            ModificationTime = DateTimeOffset.UnixEpoch, // the same package is the same bytes
        });
}
