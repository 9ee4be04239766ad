using System.Text.Json;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Dialects.Pantry;

/// <summary>
/// One version the way pantry's client reads it (P09, M18): <c>repository</c> is a string, and no member is called
/// <c>error</c>, which the client takes for a failure even under status 200 (P36).
/// </summary>
internal static class PantryDocument
{
    private static readonly string[] DependencyMembers = ["dependencies", "devDependencies", "peerDependencies"];

    /// <summary>The URL of a tarball; the name is not escaped, since clients join and split it as it is.</summary>
    public static string TarballUrl(string publicUrl, PackageName name, string version) => $"{publicUrl}/packages/{name}/{version}/tarball";

    public static void Write(Utf8JsonWriter writer, PantryVersion version, JsonElement manifest, PackageName name, string publicUrl)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name.Value);
        writer.WriteString("version", version.Version);
        WriteText(writer, "description", manifest.Text("description"));
        WriteText(writer, "repository", manifest.TextOrInner("repository", "url"));
        WriteText(writer, "homepage", manifest.Text("homepage"));
        WriteText(writer, "license", manifest.TextOrInner("license", "type"));
        WriteText(writer, "author", manifest.TextOrInner("author", "name"));
        WriteKeywords(writer, manifest.Texts("keywords"));
        foreach (var member in DependencyMembers)
        {
            if (manifest.TryGetProperty(member, out var dependencies) && dependencies.ValueKind == JsonValueKind.Object)
            {
                writer.WritePropertyName(member);
                dependencies.WriteTo(writer);
            }
        }

        writer.WriteString("tarballUrl", TarballUrl(publicUrl, name, version.Version));
        WriteText(writer, "checksum", version.Checksum);
        writer.WriteString("publishedAt", VersionDocument.TextOf(version.PublishedAt));
        if (version.SizeBytes is { } size)
        {
            writer.WriteNumber("size", size);
        }

        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string member, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(member, text);
        }
    }

    private static void WriteKeywords(Utf8JsonWriter writer, IReadOnlyList<string> keywords)
    {
        if (keywords.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("keywords");
        foreach (var keyword in keywords)
        {
            writer.WriteStringValue(keyword);
        }

        writer.WriteEndArray();
    }
}

/// <summary>What pantry is told of a version beside its manifest.</summary>
/// <param name="Version">The version.</param>
/// <param name="Checksum"><c>sha256:</c> and hex, or <c>sha1:</c> and hex for what an upstream has (P34); null when that does not say.</param>
/// <param name="PublishedAt">When it was published.</param>
/// <param name="SizeBytes">The tarball's size; null when it is not known.</param>
internal sealed record PantryVersion(string Version, string? Checksum, DateTimeOffset PublishedAt, long? SizeBytes)
{
    /// <summary>A version published here; its blob's key is spelled as pantry spells checksums.</summary>
    public static PantryVersion Of(PackageVersion version) => new(version.Version, version.Digest, version.PublishedAt, version.SizeBytes);

    /// <summary>A version an upstream has.</summary>
    public static PantryVersion Of(ProxiedVersion version)
    {
        var dist = version.Manifest.GetProperty("dist");
        return new PantryVersion(
            version.Version,
            Sha256Of(dist.Text("integrity")) ?? (dist.Text("shasum") is { } shasum ? $"sha1:{shasum}" : null),
            version.Document.PublishedAt(version.Version) ?? version.ChangedAt,
            null);
    }

    private static string? Sha256Of(string? sri)
    {
        var digest = new byte[32];
        return sri?.StartsWith("sha256-", StringComparison.Ordinal) == true && Convert.TryFromBase64String(sri["sha256-".Length..], digest, out var length) && length == digest.Length
            ? $"sha256:{Convert.ToHexStringLower(digest)}"
            : null;
    }
}
