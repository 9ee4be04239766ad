using System.Text;
using System.Text.Json;

namespace Registry.Upstreams.Configuration;

/// <summary>
/// Reads the <c>registries</c> of a <c>pantry.json</c> or <c>pantry.jsonc</c> (M05, M24–M35): comments and a comma at the end of a list
/// are let pass, <c>${NAME}</c> in any text stands for that environment variable, other keys of the file belong to others. All
/// problems are found at once.
/// </summary>
internal sealed class RegistryConfigReader
{
    private static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 64 };
    private static readonly JsonDocumentOptions LenientDocument = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 64 };

    private readonly string _source;
    private readonly Func<string, string?>? _environment;
    private readonly List<ConfigProblem> _problems = [];
    private JsonLines? _lines;

    private RegistryConfigReader(string source, Func<string, string?>? environment)
    {
        _source = source;
        _environment = environment;
    }

    /// <summary>Reads a configuration.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="source">What to call it in problems.</param>
    /// <param name="known">The registries there are: an entry that names one changes what it says and leaves the rest.</param>
    /// <param name="environment">Looks up a variable.</param>
    /// <returns>The registries it names, each whole, in its order.</returns>
    /// <exception cref="RegistryConfigException">It cannot be used.</exception>
    public static IReadOnlyList<RegistryConfig> Read(
        string json, string source, IReadOnlyList<RegistryConfig> known, Func<string, string?> environment)
    {
        var reader = new RegistryConfigReader(source, environment);
        var found = reader.ReadDocument(json, root => ReadRegistries(root, known), static path => path == "registries" || path.StartsWith("registries[", StringComparison.Ordinal));
        return reader.Checked(found)!;
    }

    /// <summary>Reads one entry alone, as somebody sends it who must not read our environment: no text of it may hold <c>${</c>.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="source">What to call it in problems.</param>
    /// <param name="known">The registry it changes; null for a new one.</param>
    /// <exception cref="RegistryConfigException">It cannot be used.</exception>
    public static RegistryConfig ReadOne(string json, string source, RegistryConfig? known)
    {
        var reader = new RegistryConfigReader(source, null);
        var found = reader.ReadDocument(json, root => ReadEntry(root, known), static _ => true);
        return reader.Checked(found)!;
    }

    /// <summary>Whether <c>${NAME}</c> stands for a variable.</summary>
    internal bool HasVariables => _environment is not null;

    private T Checked<T>(T found) =>
        _problems.Count == 0 ? found : throw new RegistryConfigException([.. _problems.OrderBy(static problem => problem.Line)]);

    private T? ReadDocument<T>(string json, Func<JsonNodeAt, T> read, Func<string, bool> isOurs)
    {
        var utf8 = Encoding.UTF8.GetBytes(json.TrimStart('\uFEFF')); // a byte order mark
        try
        {
            _lines = JsonLines.Read(utf8, Lenient);
            using var document = JsonDocument.Parse(utf8, LenientDocument);
            foreach (var path in _lines.Twice.Where(isOurs))
            {
                Add(path, "is given twice");
            }

            return read(new JsonNodeAt(document.RootElement, "", this));
        }
        catch (JsonException wrong)
        {
            // Its message may hold the rest of the file, tokens included.
            _problems.Add(new ConfigProblem(_source, (int)(wrong.LineNumber ?? 0) + 1, "", $"is no JSON from byte {(wrong.BytePositionInLine ?? 0) + 1} of the line on"));
            return default;
        }
        catch (InvalidOperationException)
        {
            _problems.Add(new ConfigProblem(_source, 1, "", "holds an escape that stands for no text: a half of a surrogate pair"));
            return default;
        }
    }

    private static RegistryConfig? ReadEntry(JsonNodeAt entry, RegistryConfig? known)
    {
        if (!entry.IsObject())
        {
            return null;
        }

        var name = known is null ? entry.RequiredText("name") : entry.Text("name") ?? known.Name;
        if (known is not null && !known.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        {
            entry.Add("name", $"must stay '{known.Name}': a registry is not renamed");
        }

        return EntryReader.ReadAlone(entry, name ?? "nameless", known);
    }

    private static List<RegistryConfig> ReadRegistries(JsonNodeAt root, IReadOnlyList<RegistryConfig> known)
    {
        var found = new List<RegistryConfig>();
        foreach (var entry in root.Child("registries")?.Entries() ?? [])
        {
            if (entry.RequiredText("name") is not { } name)
            {
                continue;
            }

            if (found.Exists(other => other.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                entry.Add("name", $"'{name}' is the name of a registry above already");
            }
            else if (EntryReader.Read(entry, name, known.FirstOrDefault(other => other.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) is { } config)
            {
                found.Add(config);
            }
        }

        return found;
    }

    /// <summary>Notes a problem.</summary>
    internal void Add(string path, string message) => _problems.Add(new ConfigProblem(_source, _lines!.Of(path), path, message));

    /// <summary>Looks up a variable.</summary>
    internal string? Variable(string name) => _environment?.Invoke(name);
}
