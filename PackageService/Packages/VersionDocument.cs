using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Registry.PackageService.Packages;

/// <summary>
/// Writes of one version what npm clients read (npm protocol 2.2 and 2.3), up to what changes after publishing: see
/// <see cref="VersionStitcher"/> for the rest.
/// </summary>
internal static class VersionDocument
{
    private static readonly FrozenSet<string> OwnMembers = FrozenSet.Create(
        StringComparer.Ordinal,
        "_id", "name", "version", "dist", "maintainers", "_npmUser", "deprecated", "_hasShrinkwrap", "hasInstallScript", "readme");

    private static readonly FrozenSet<string> AbbreviatedMembers = FrozenSet.Create(
        StringComparer.Ordinal,
        "dependencies", "optionalDependencies", "devDependencies", "peerDependencies", "peerDependenciesMeta", "bundleDependencies",
        "acceptDependencies", "bin", "directories", "engines", "os", "cpu", "libc", "funding");

    private static readonly FrozenSet<string> AbbreviatedByRegistry = FrozenSet.Create(
        StringComparer.Ordinal, "name", "version", "deprecated", "_hasShrinkwrap", "hasInstallScript", "_npmUser", "bundledDependencies");

    /// <summary>The canonical file name of a tarball: <c>{bare name}-{version}.tgz</c>.</summary>
    public static string FileNameOf(PackageName name, string version) => $"{name.Bare}-{version}.tgz";

    /// <summary>Where a tarball is found.</summary>
    public static string TarballUrl(string publicUrl, PackageName name, string version) => $"{publicUrl}/{name}/-/{FileNameOf(name, version)}";

    /// <summary>Time as documents write it: ISO 8601, UTC, milliseconds.</summary>
    public static string TextOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The abbreviated document has this member of a version that another registry wrote.</summary>
    public static bool IsAbbreviated(string member) => AbbreviatedMembers.Contains(member) || AbbreviatedByRegistry.Contains(member);

    /// <summary>npm also runs node-gyp for a package with a binding.gyp, and marks that as <c>gypfile</c>.</summary>
    public static bool RunsScriptOnInstall(JsonElement manifest) =>
        (manifest.TryGetProperty("hasInstallScript", out var stated) && stated.ValueKind == JsonValueKind.True)
        || (manifest.TryGetProperty("gypfile", out var gyp) && gyp.ValueKind == JsonValueKind.True)
        || (manifest.TryGetProperty("scripts", out var scripts) && scripts.ValueKind == JsonValueKind.Object
            && (scripts.TryGetProperty("preinstall", out _) || scripts.TryGetProperty("install", out _) || scripts.TryGetProperty("postinstall", out _)));

    /// <summary>Writes the fragments of a version that is signed.</summary>
    /// <param name="fragments">Where they are put.</param>
    /// <param name="version">The version.</param>
    /// <param name="name">Its package.</param>
    public static void Write(VersionFragments fragments, PackageVersion version, PackageName name)
    {
        using var manifest = ManifestJson.Parse(version.Manifest);
        fragments.FullHead = HeadOf(version, name, manifest.RootElement, PackumentForm.Full);
        fragments.AbbreviatedHead = HeadOf(version, name, manifest.RootElement, PackumentForm.Abbreviated);
        fragments.Dist = DistOf(version, fragments);
        fragments.Layout = VersionFragments.CurrentLayout;
    }

    private static byte[] HeadOf(PackageVersion version, PackageName name, JsonElement manifest, PackumentForm form) => Open(writer =>
    {
        var isFull = form == PackumentForm.Full;
        writer.WriteString("name", name.Value);
        writer.WriteString("version", version.Version);
        foreach (var member in manifest.EnumerateObject().Where(member => isFull ? !OwnMembers.Contains(member.Name) : AbbreviatedMembers.Contains(member.Name)))
        {
            member.WriteTo(writer);
        }

        if (isFull)
        {
            writer.WriteString("_id", $"{name}@{version.Version}");
        }

        WriteFlag(writer, "_hasShrinkwrap", manifest.TryGetProperty("_hasShrinkwrap", out var flag) && flag.ValueKind == JsonValueKind.True, always: isFull);
        WriteFlag(writer, "hasInstallScript", RunsScriptOnInstall(manifest), always: false);

        // In both forms: pnpm weighs who published a version.
        writer.WriteStartObject("_npmUser");
        writer.WriteString("name", version.PublisherName);
        writer.WriteString("email", version.PublisherEmail ?? "");
        writer.WriteEndObject();
    });

    private static byte[] DistOf(PackageVersion version, VersionFragments signed) => Open(writer =>
    {
        writer.WriteString("integrity", version.Integrity);
        writer.WriteString("shasum", version.Shasum);
        writer.WriteNumber("fileCount", version.FileCount);
        writer.WriteNumber("unpackedSize", version.UnpackedSizeBytes);
        writer.WriteStartArray("signatures");
        writer.WriteStartObject();
        writer.WriteString("keyid", signed.SignatureKeyId!);
        writer.WriteBase64String("sig", signed.Signature!);
        writer.WriteEndObject();
        writer.WriteEndArray();
    })[1..];

    /// <summary>An object that is left open.</summary>
    private static byte[] Open(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, ManifestJson.WriterOptions))
        {
            writer.WriteStartObject();
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteFlag(Utf8JsonWriter writer, string name, bool isSet, bool always)
    {
        if (isSet || always)
        {
            writer.WriteBoolean(name, isSet);
        }
    }
}
