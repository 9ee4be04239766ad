using System.Text.Json;
using System.Text.Json.Serialization;

using Registry.Contracts.Events;

namespace Registry.Contracts.Http.Packages;

/// <summary>
/// A <see cref="PackageChangeKind"/> as a camel-case word. A word of a later release is read as <see cref="PackageChangeKind.Other"/>:
/// the feed goes on with one that this release cannot name, and must not stop its readers.
/// </summary>
public sealed class PackageChangeKindConverter : JsonConverter<PackageChangeKind>
{
    private static readonly Dictionary<string, PackageChangeKind> Kinds =
        Enum.GetValues<PackageChangeKind>().ToDictionary(kind => kind.ToString(), StringComparer.OrdinalIgnoreCase);

    /// <summary>The kind of this name, in any case.</summary>
    public static PackageChangeKind Parse(string? word) =>
        word is not null && Kinds.TryGetValue(word, out var kind) ? kind : PackageChangeKind.Other;

    /// <inheritdoc/>
    public override PackageChangeKind Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Parse(reader.GetString()) : throw new JsonException("A kind of change is a word.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, PackageChangeKind value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));
}
