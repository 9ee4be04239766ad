using System.Text.Json.Nodes;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>Reads text members of a document from outside.</summary>
internal static class JsonText
{
    /// <summary>A member's text; null when it is absent or null.</summary>
    /// <exception cref="BodyRefusedException">It is something else.</exception>
    public static string? Text(this JsonObject source, string key) =>
        source[key] switch
        {
            null => null,
            JsonValue value when value.TryGetValue<string>(out var text) => text,
            _ => throw BodyRefusedException.Invalid("invalid_document", $"{JsonReading.Printable(key)} must be text"),
        };

    /// <summary>A member's text; null when it is anything but text.</summary>
    public static string? TextOrNull(this JsonObject source, string key) =>
        source[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
