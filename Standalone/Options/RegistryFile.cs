using System.Text.Json;

using Registry.Standalone.Folder;

namespace Registry.Standalone.Options;

/// <summary>
/// Reads <c>registry.json</c>: JSON with comments and trailing commas, whose keys are those of <see cref="OptionTable"/>.
/// Every problem is found in one go.
/// </summary>
internal static class RegistryFile
{
    private const int MaxBytes = 1024 * 1024;

    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
        MaxDepth = 16,
    };

    /// <summary>The options of a directory, by key; none when it has no file.</summary>
    /// <param name="folder">The data directory.</param>
    /// <param name="problems">Receives a sentence for everything that is wrong.</param>
    public static Dictionary<string, string> Read(DataFolder folder, ICollection<string> problems)
    {
        if (!File.Exists(folder.Options))
        {
            return [];
        }

        return new FileInfo(folder.Options).Length > MaxBytes
            ? throw new RefusedException($"{folder.Options} is larger than 1 MB: it cannot be a list of options.")
            : Parse(File.ReadAllText(folder.Options), problems);
    }

    /// <summary>The options a text holds, by key.</summary>
    public static Dictionary<string, string> Parse(string text, ICollection<string> problems)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        try
        {
            using var document = JsonDocument.Parse(text, Lenient);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                problems.Add("registry.json must be an object: { \"Accounts\": { … } }.");
                return values;
            }

            Flatten(document.RootElement, "", values, problems);
        }
        catch (JsonException malformed)
        {
            problems.Add(Describe(malformed));
        }

        return values;
    }

    private static string Describe(JsonException malformed)
    {
        var where = malformed.LineNumber is { } line ? $": line {line + 1}, column {malformed.BytePositionInLine + 1}" : "";
        var end = malformed.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return $"registry.json is not valid JSON{where}: {(end > 0 ? malformed.Message[..end] : malformed.Message)}";
    }

    private static void Flatten(JsonElement element, string path, Dictionary<string, string> values, ICollection<string> problems)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when path.Length == 0 || OptionTable.IsSection(path):
                foreach (var property in element.EnumerateObject())
                {
                    Flatten(property.Value, path.Length == 0 ? property.Name : $"{path}:{property.Name}", values, problems);
                }

                break;
            case JsonValueKind.Array when OptionTable.Find($"{path}:0") is not null:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    Flatten(item, $"{path}:{index++}", values, problems);
                }

                break;
            case JsonValueKind.Null:
                break;
            default:
                Take(element, path, values, problems);
                break;
        }
    }

    private static void Take(JsonElement element, string path, Dictionary<string, string> values, ICollection<string> problems)
    {
        var list = OptionTable.Find($"{path}:0");
        if (OptionTable.Find(path) is not { } option)
        {
            problems.Add(list is not null
                ? $"registry.json: {path} must be a list, each {list.Kind.Name}, not {Say(element)}."
                : Unknown(path));
        }
        else if (!IsScalar(element) || !option.Kind.Accepts(element.ToString()))
        {
            problems.Add($"registry.json: {path} must be {option.Kind.Name}, not {Say(element)}.");
        }
        else
        {
            values[path] = element.ToString();
        }
    }

    private static string Unknown(string path) =>
        OptionTable.IsSection(path)
            ? $"registry.json: {path} is a section and must be an object."
            : $"registry.json: {path} is not a known option{(OptionTable.Nearest(path) is { } nearest ? $" (did you mean {nearest}?)" : "")}.";

    private static bool IsScalar(JsonElement element) => element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);

    private static string Say(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            _ => element.GetRawText() is { Length: <= 60 } text ? text : element.GetRawText()[..60] + "…",
        };
}
