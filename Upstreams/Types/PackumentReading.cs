using System.Text.Json;

using Registry.Upstreams.Http;

namespace Registry.Upstreams.Types;

/// <summary>What a document says of itself that should be a packument, without holding it a second time: some are tens of megabytes.</summary>
/// <param name="Name">Whose it says it is.</param>
/// <param name="Versions">How many versions it has; null when it has no member for them, -1 when that is no object.</param>
internal sealed record PackumentReading(string? Name, int? Versions)
{
    /// <summary>Reads one.</summary>
    /// <returns>Null when it is no JSON object of texts that are Unicode.</returns>
    public static PackumentReading? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonParsing.IsUnicode(json) ? Read(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static PackumentReading? Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var found = new PackumentReading(null, null);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isVersions) = (reader.ValueTextEquals("name"u8), reader.ValueTextEquals("versions"u8));
            reader.Read();
            found = isName ? found with { Name = reader.TokenType == JsonTokenType.String ? reader.GetString() : null }
                : isVersions ? found with { Versions = CountMembers(ref reader) }
                : found;
            reader.Skip(); // nothing, where its end was read
        }

        return reader.Read() ? null : found; // what comes after its end is an exception
    }

    private static int CountMembers(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return -1;
        }

        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
            reader.Skip();
            count++;
        }

        return count;
    }
}
