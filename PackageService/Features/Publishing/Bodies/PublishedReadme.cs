using System.Text;
using System.Text.Json.Nodes;

using Registry.PackageService.Features.Publishing.Tarballs;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>Finds the readme of a version: newer clients send it inside the manifest, older ones beside it, some not at all.</summary>
internal static class PublishedReadme
{
    private const int MaxBytes = 64 * 1024;
    private const int MaxFilenameLength = 255;

    /// <summary>The first readme of these documents, otherwise the tarball's; at most 64 KiB.</summary>
    public static string? Choose(IEnumerable<JsonObject> documents, TarballContents contents, out string? filename)
    {
        foreach (var document in documents)
        {
            // npm writes this sentence where it found none.
            if (document.TextOrNull("readme") is { Length: > 0 } readme && !readme.StartsWith("ERROR: No README data found", StringComparison.Ordinal))
            {
                var stated = document.TextOrNull("readmeFilename");
                filename = stated is { Length: > 0 and <= MaxFilenameLength } ? stated : contents.ReadmeFilename;
                return Shorten(readme);
            }
        }

        filename = contents.ReadmeFilename;
        return contents.Readme is null ? null : Shorten(contents.Readme);
    }

    private static string Shorten(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= MaxBytes)
        {
            return text;
        }

        var bytes = Encoding.UTF8.GetBytes(text).AsSpan(0, MaxBytes);
        var whole = bytes.Length;
        while ((bytes[whole - 1] & 0xC0) == 0x80)
        {
            whole--; // the continuation bytes of a character that may be cut
        }

        return Encoding.UTF8.GetString(bytes[..(whole - 1)]);
    }
}
