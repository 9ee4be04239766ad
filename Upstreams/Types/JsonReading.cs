using System.Text.Json;

namespace Registry.Upstreams.Types;

/// <summary>Reads what may be there, in the shapes it comes in.</summary>
internal static class JsonReading
{
    /// <summary>A member that is a text with something in it.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>A member that is a text, or an object that holds it: <c>repository: {url}</c>, <c>license: {type}</c>.</summary>
    public static string? Text(this JsonElement element, string name, string within) =>
        element.Text(name) ?? (element.Member(name) is { ValueKind: JsonValueKind.Object } inner ? inner.Text(within) : null);

    /// <summary>A member of an object; null for any other element.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    /// <summary>The elements of a member that is a list; none for any other.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>A member that maps names to texts; what is no text is left out.</summary>
    public static IReadOnlyDictionary<string, string>? Map(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Object } map
            ? map.EnumerateObject()
                .Where(static entry => entry.Value.ValueKind == JsonValueKind.String)
                .GroupBy(static entry => entry.Name, StringComparer.Ordinal)
                .ToDictionary(static entries => entries.Key, static entries => entries.Last().Value.GetString()!, StringComparer.Ordinal)
            : null;
}
