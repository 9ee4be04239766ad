using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

using Registry.Contracts.Http.Packages;

namespace Registry.PackageService.Packages;

/// <summary>What a version's document says beside its own manifest.</summary>
/// <param name="PublicUrl">Prefix of the tarball's URL, without a trailing slash.</param>
/// <param name="Name">The package.</param>
/// <param name="Maintainers">Who may publish the package.</param>
internal sealed record VersionContext(string PublicUrl, PackageName Name, IReadOnlyList<Person> Maintainers);

/// <summary>Writes one version the way npm clients read it (npm protocol 2.2 and 2.3).</summary>
internal static class VersionDocument
{
    private static readonly FrozenSet<string> OwnMembers = FrozenSet.Create(
        StringComparer.Ordinal, "_id", "name", "version", "dist", "maintainers", "_npmUser", "deprecated", "_hasShrinkwrap", "readme");

    private static readonly FrozenSet<string> AbbreviatedMembers = FrozenSet.Create(
        StringComparer.Ordinal,
        "dependencies", "optionalDependencies", "devDependencies", "peerDependencies", "peerDependenciesMeta", "bundleDependencies",
        "acceptDependencies", "bin", "directories", "engines", "os", "cpu", "libc", "funding");

    private static readonly FrozenSet<string> AbbreviatedByRegistry = FrozenSet.Create(
        StringComparer.Ordinal, "name", "version", "deprecated", "_hasShrinkwrap", "hasInstallScript", "_npmUser", "bundledDependencies");

    /// <summary>The canonical file name of a tarball: <c>{bare name}-{version}.tgz</c>.</summary>
    public static string FileNameOf(PackageName name, string version) => $"{name.Bare}-{version}.tgz";

    /// <summary>Time as documents write it: ISO 8601, UTC, milliseconds.</summary>
    public static string TextOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Everything.</summary>
    public static void WriteFull(Utf8JsonWriter writer, PackageVersion version, JsonElement manifest, VersionContext context)
    {
        writer.WriteStartObject();
        writer.WriteString("name", context.Name.Value);
        writer.WriteString("version", version.Version);
        foreach (var member in manifest.EnumerateObject())
        {
            if (!OwnMembers.Contains(member.Name))
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteString("_id", $"{context.Name}@{version.Version}");
        WriteFlag(writer, manifest, "_hasShrinkwrap", always: true);
        WritePublisher(writer, version);
        WriteMaintainers(writer, context.Maintainers);
        WriteRest(writer, version, context);
        writer.WriteEndObject();
    }

    /// <summary>What installing needs, and what saves clients the full document: <c>_npmUser</c>, <c>libc</c>.</summary>
    public static void WriteAbbreviated(Utf8JsonWriter writer, PackageVersion version, JsonElement manifest, VersionContext context)
    {
        writer.WriteStartObject();
        writer.WriteString("name", context.Name.Value);
        writer.WriteString("version", version.Version);
        foreach (var member in manifest.EnumerateObject())
        {
            if (AbbreviatedMembers.Contains(member.Name))
            {
                member.WriteTo(writer);
            }
        }

        WriteFlag(writer, manifest, "_hasShrinkwrap", always: false);
        if (RunsScriptOnInstall(manifest))
        {
            writer.WriteBoolean("hasInstallScript", true);
        }

        WritePublisher(writer, version);
        WriteRest(writer, version, context);
        writer.WriteEndObject();
    }

    /// <summary>The abbreviated document has this member of a version that another registry wrote.</summary>
    public static bool IsAbbreviated(string member) => AbbreviatedMembers.Contains(member) || AbbreviatedByRegistry.Contains(member);

    /// <summary>The member <c>maintainers</c>.</summary>
    public static void WriteMaintainers(Utf8JsonWriter writer, IReadOnlyList<Person> maintainers)
    {
        writer.WriteStartArray("maintainers");
        foreach (var maintainer in maintainers)
        {
            writer.WriteStartObject();
            WritePerson(writer, maintainer.Name, maintainer.Email);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Where a tarball is found.</summary>
    public static string TarballUrl(string publicUrl, PackageName name, string version) => $"{publicUrl}/{name}/-/{FileNameOf(name, version)}";

    private static void WriteRest(Utf8JsonWriter writer, PackageVersion version, VersionContext context)
    {
        if (version.Deprecated is { Length: > 0 } reason)
        {
            writer.WriteString("deprecated", reason);
        }

        writer.WriteStartObject("dist");
        writer.WriteString("tarball", TarballUrl(context.PublicUrl, context.Name, version.Version));
        writer.WriteString("integrity", version.Integrity);
        writer.WriteString("shasum", version.Shasum);
        writer.WriteNumber("fileCount", version.FileCount);
        writer.WriteNumber("unpackedSize", version.UnpackedSizeBytes);
        writer.WriteEndObject();
    }

    private static void WritePublisher(Utf8JsonWriter writer, PackageVersion version)
    {
        writer.WriteStartObject("_npmUser");
        WritePerson(writer, version.PublisherName, version.PublisherEmail);
        writer.WriteEndObject();
    }

    private static void WritePerson(Utf8JsonWriter writer, string name, string? email)
    {
        writer.WriteString("name", name);
        writer.WriteString("email", email ?? "");
    }

    private static void WriteFlag(Utf8JsonWriter writer, JsonElement manifest, string name, bool always)
    {
        var isSet = manifest.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
        if (isSet || always)
        {
            writer.WriteBoolean(name, isSet);
        }
    }

    /// <summary>npm also runs node-gyp for a package with a binding.gyp, and marks that as <c>gypfile</c>.</summary>
    public static bool RunsScriptOnInstall(JsonElement manifest) =>
        (manifest.TryGetProperty("hasInstallScript", out var stated) && stated.ValueKind == JsonValueKind.True)
        || (manifest.TryGetProperty("gypfile", out var gyp) && gyp.ValueKind == JsonValueKind.True)
        || (manifest.TryGetProperty("scripts", out var scripts) && scripts.ValueKind == JsonValueKind.Object
            && (scripts.TryGetProperty("preinstall", out _) || scripts.TryGetProperty("install", out _) || scripts.TryGetProperty("postinstall", out _)));
}
