using System.Text.Json;

namespace Registry.AuthService.Hosting;

/// <summary>Text in JSON from outside.</summary>
internal static class JsonTexts
{
    /// <summary>The text; null for null.</summary>
    /// <returns>False when it is something else, or holds half of a character, which only reading it shows.</returns>
    public static bool TryGetText(this JsonElement element, out string? text)
    {
        text = null;
        try
        {
            text = element.ValueKind is JsonValueKind.String or JsonValueKind.Null ? element.GetString() : null;
            return text is not null || element.ValueKind == JsonValueKind.Null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
