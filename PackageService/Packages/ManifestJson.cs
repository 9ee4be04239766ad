using System.Text.Encodings.Web;
using System.Text.Json;

namespace Registry.PackageService.Packages;

/// <summary>Reads members of manifests, which are whatever their publisher wrote, and sets how documents are written.</summary>
internal static class ManifestJson
{
    /// <summary>Documents are JSON for programs, never part of a page: only what JSON demands is escaped.</summary>
    public static JsonWriterOptions WriterOptions { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Parses a stored manifest.</summary>
    public static JsonDocument Parse(string manifest) => JsonDocument.Parse(manifest, new JsonDocumentOptions { MaxDepth = 256 });

    /// <summary>The member's text; null when it is absent, empty or something else.</summary>
    public static string? Text(this JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value)
        && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    /// <summary>The member's text, or that of one member inside it: <c>license: {"type"}</c>, <c>author: {"name"}</c>, <c>repository: {"url"}</c>.</summary>
    public static string? TextOrInner(this JsonElement element, string member, string inner) =>
        element.Text(member)
        ?? (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) ? value.Text(inner) : null);

    /// <summary>The member's strings; what is not a string is left out.</summary>
    public static IReadOnlyList<string> Texts(this JsonElement element, string member) =>
        element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];
}
