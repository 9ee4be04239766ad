using System.Text.Json;
using System.Text.Unicode;

namespace Registry.Upstreams.Http;

/// <summary>Parses what others wrote.</summary>
internal static class JsonParsing
{
    /// <summary>
    /// Parses JSON whose texts are Unicode: the parser lets bytes and escapes pass that stand for no text, and whoever reads them gets an
    /// exception then.
    /// </summary>
    /// <returns>Null when it is none.</returns>
    public static JsonDocument? TryParse(byte[] bytes)
    {
        var json = bytes.AsMemory(bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0);
        try
        {
            return Utf8.IsValid(json.Span) && EscapesAreText(json.Span) ? JsonDocument.Parse(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Only an escaped half of a surrogate pair can be no text; few documents have any.</summary>
    private static bool EscapesAreText(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf(@"\ud"u8) < 0 && json.IndexOf(@"\uD"u8) < 0)
        {
            return true;
        }

        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !IsText(ref reader))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
