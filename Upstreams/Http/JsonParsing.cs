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
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> bytes)
    {
        var json = WithoutMark(bytes);
        try
        {
            return IsUnicode(json.Span) ? JsonDocument.Parse(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A text without the byte order mark some write before it.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> bytes) => bytes.Span is [0xEF, 0xBB, 0xBF, ..] ? bytes[3..] : bytes;

    /// <summary>Whether every text in it is one.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static bool IsUnicode(ReadOnlySpan<byte> json) => Utf8.IsValid(json) && EscapesAreText(json);

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
