using System.Text.Json;
using System.Text.Json.Nodes;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>What to do when an object names a key twice.</summary>
internal enum JsonDuplicates
{
    /// <summary>Refuse it: readers would disagree about what it says.</summary>
    Refused,

    /// <summary>The last one counts, as in JavaScript: package.json files are written by hand.</summary>
    LastWins,
}

/// <summary>Parses JSON from outside into nodes that can be stored: no NUL, no half characters, no number beyond a double.</summary>
internal static class JsonReading
{
    private const int MaxDepth = 64;
    private const int MaxNumberLength = 100;

    /// <summary>Parses an object.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="what">What it is, the subject of a message.</param>
    /// <param name="duplicates">What to do when an object names a key twice.</param>
    /// <exception cref="BodyRefusedException">It is not JSON, not an object, or not storable.</exception>
    public static JsonObject ParseObject(ReadOnlyMemory<byte> utf8, string what, JsonDuplicates duplicates)
    {
        try
        {
            using var document = JsonDocument.Parse(
                utf8, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = duplicates == JsonDuplicates.LastWins });
            return ToNode(document.RootElement, null, what) as JsonObject
                ?? throw BodyRefusedException.Invalid("invalid_json", $"{what} must be a JSON object");
        }
        catch (JsonException invalid)
        {
            throw BodyRefusedException.Invalid("invalid_json", $"{what} is not valid JSON: {Printable(invalid.Message)}");
        }
        catch (InvalidOperationException)
        {
            // The only operation that can fail on a parsed document: reading text with half of a surrogate pair.
            throw BodyRefusedException.Invalid("invalid_json", $"{what} contains text that is not valid Unicode");
        }
    }

    /// <summary>Text from outside, short and on one line, fit for a message.</summary>
    public static string Printable(string text)
    {
        var shortened = text.Length <= 200 ? text : $"{text[..200]}…";
        return string.Concat(shortened.Select(character => char.IsControl(character) || char.IsSurrogate(character) ? '\uFFFD' : character));
    }

    private static JsonNode? ToNode(JsonElement element, string? key, string what) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => ToObject(element, what),
            JsonValueKind.Array => new JsonArray([.. element.EnumerateArray().Select(item => ToNode(item, null, what))]),
            JsonValueKind.String => JsonValue.Create(ToText(element.GetString()!, key, what)),
            JsonValueKind.Number => ToNumber(element, key, what),
            JsonValueKind.True => JsonValue.Create(true),
            JsonValueKind.False => JsonValue.Create(false),
            _ => null,
        };

    private static JsonObject ToObject(JsonElement element, string what)
    {
        var result = new JsonObject();
        foreach (var property in element.EnumerateObject())
        {
            var key = ToText(property.Name, null, what);
            result[key] = ToNode(property.Value, key, what);
        }

        return result;
    }

    /// <summary>The database cannot hold NUL. A readme may contain anything, so there it is replaced; elsewhere it is never meant.</summary>
    private static string ToText(string text, string? key, string what)
    {
        if (!text.Contains('\0', StringComparison.Ordinal))
        {
            return text;
        }

        return key == "readme"
            ? text.Replace('\0', '\uFFFD')
            : throw BodyRefusedException.Invalid("invalid_text", $"{what} contains the character \\u0000{Place(key)}");
    }

    private static JsonValue ToNumber(JsonElement element, string? key, string what)
    {
        var text = element.GetRawText();
        var value = element.GetDouble();
        var vanishes = value == 0 && text.AsSpan(0, text.AsSpan().IndexOfAny('e', 'E') is >= 0 and var end ? end : text.Length).ContainsAnyInRange('1', '9');
        return text.Length <= MaxNumberLength && double.IsFinite(value) && !vanishes
            ? JsonValue.Create(element.Clone())!
            : throw BodyRefusedException.Invalid("invalid_number", $"{what} contains a number that is out of range{Place(key)}");
    }

    private static string Place(string? key) => key is null ? "" : $" in {Printable(key)}";
}
