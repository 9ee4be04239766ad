using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Registry.Upstreams.Configuration;

/// <summary>A JSON value that knows its path, reads what it should be, and notes it when it is not.</summary>
internal sealed partial record JsonNodeAt(JsonElement Value, string Path, RegistryConfigReader Reader)
{
    public void Add(string key, string message) => Reader.Add(PathOf(key), message);

    /// <summary>A member; null when it is absent.</summary>
    public JsonNodeAt? Child(string key) =>
        IsObject() && Value.TryGetProperty(key, out var value) ? new JsonNodeAt(value, PathOf(key), Reader) : null;

    /// <summary>Whether a member is there and is <c>null</c>: what was set is taken back.</summary>
    public bool IsNull(string key) => Child(key) is { Value.ValueKind: JsonValueKind.Null };

    /// <summary>The elements of a list of objects.</summary>
    public IEnumerable<JsonNodeAt> Entries() => Items("objects: [ { … } ]").Where(static entry => entry.IsObject());

    /// <summary>The elements of a list.</summary>
    /// <param name="kind">What they should be, when it is no list.</param>
    public IEnumerable<JsonNodeAt> Items(string kind)
    {
        if (Value.ValueKind == JsonValueKind.Array)
        {
            return Value.EnumerateArray().Select((item, number) => new JsonNodeAt(item, string.Create(CultureInfo.InvariantCulture, $"{Path}[{number}]"), Reader));
        }

        Reader.Add(Path, $"must be a list of {kind}");
        return [];
    }

    /// <summary>Whether it is an object; noted when it is not.</summary>
    public bool IsObject()
    {
        if (Value.ValueKind != JsonValueKind.Object)
        {
            Reader.Add(Path, "must be an object: { … }");
        }

        return Value.ValueKind == JsonValueKind.Object;
    }

    /// <summary>Notes the members nobody knows: most are spelling mistakes, which would change nothing and say nothing.</summary>
    public void AllowOnly(params string[] known)
    {
        foreach (var other in Value.EnumerateObject().Select(static member => member.Name).Distinct().Except(known, StringComparer.Ordinal))
        {
            Add(other, $"is not known here; known are {string.Join(", ", known)}");
        }
    }

    /// <summary>A text that has to be there.</summary>
    public string? RequiredText(string key)
    {
        if (Child(key) is null)
        {
            Add(key, "is missing");
            return null;
        }

        return Text(key);
    }

    /// <summary>A text with its variables replaced; null when it is absent or wrong.</summary>
    public string? Text(string key) => Child(key)?.Text();

    /// <summary>The text that it is, with its variables replaced; null when it is wrong.</summary>
    public string? Text() =>
        Value.ValueKind == JsonValueKind.String && Value.GetString() is { Length: > 0 } text ? Replace(text) : Wrong("must be a text");

    /// <summary>A whole number; null when it is absent or wrong.</summary>
    public int? Number(string key, int least, int most) => (int?)LongNumber(key, least, most);

    /// <summary>A whole number that may be large; null when it is absent or wrong.</summary>
    public long? LongNumber(string key, long least, long most) =>
        Child(key) is not { } child ? null
        : child.Value is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) && number >= least && number <= most ? number
        : Wrong<long?>(key, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}"));

    /// <summary>True or false; null when it is absent or wrong.</summary>
    public bool? Flag(string key) =>
        Child(key) is not { } child ? null
        : child.Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? child.Value.GetBoolean()
        : Wrong<bool?>(key, "must be true or false");

    private T? Wrong<T>(string key, string message)
    {
        Add(key, message);
        return default;
    }

    private string? Wrong(string message)
    {
        Reader.Add(Path, message);
        return null;
    }

    private string? Replace(string text)
    {
        if (!Reader.HasVariables)
        {
            return text.Contains("${", StringComparison.Ordinal) ? Wrong("must not hold '${': no variable stands for anything here") : text;
        }

        var isWhole = true;
        var replaced = Variable().Replace(text, match =>
        {
            var name = match.Groups[1].Value;
            if (Reader.Variable(name) is { Length: > 0 } value)
            {
                return value;
            }

            Reader.Add(Path, $"the environment variable {name} is not set");
            isWhole = false;
            return "";
        });
        if (Variable().Replace(text, "").Contains("${", StringComparison.Ordinal))
        {
            Reader.Add(Path, "holds '${' without the name of an environment variable and '}'");
            isWhole = false;
        }

        return isWhole ? replaced : null;
    }

    private string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    [GeneratedRegex(@"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")]
    private static partial Regex Variable();
}
