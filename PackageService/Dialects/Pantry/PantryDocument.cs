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

    public static void Write(Utf8JsonWriter writer, PackageVersion version, JsonElement manifest, PackageName name, string publicUrl)
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
        writer.WriteString("checksum", version.Digest); // the blob's key is spelled as pantry spells checksums (P34)
        writer.WriteString("publishedAt", VersionDocument.TextOf(version.PublishedAt));
        writer.WriteNumber("size", version.SizeBytes);
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
