using System.Globalization;
using System.Text.Json;

namespace Registry.Upstreams.Configuration;

/// <summary>The line every value of a JSON text stands on, by its path, and the paths that are given twice.</summary>
internal sealed class JsonLines
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly List<string> _twice = [];
    private readonly Stack<Container> _open = [];

    private JsonLines()
    {
    }

    public IReadOnlyList<string> Twice => _twice;

    /// <summary>The line of a path, or of what holds it.</summary>
    public int Of(string path)
    {
        while (path.Length > 0)
        {
            if (_lines.TryGetValue(path, out var line))
            {
                return line;
            }

            path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        }

        return 1;
    }

    /// <summary>Reads a text.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonLines Read(ReadOnlySpan<byte> json, JsonReaderOptions options)
    {
        var lines = new JsonLines();
        var reader = new Utf8JsonReader(json, options);
        var (line, counted) = (1, 0);
        while (reader.Read())
        {
            line += json[counted..(int)reader.TokenStartIndex].Count((byte)'\n');
            counted = (int)reader.TokenStartIndex;
            lines.Take(ref reader, line);
        }

        return lines;
    }

    private void Take(ref Utf8JsonReader reader, int line)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                _open.Peek().Property = reader.GetString()!;
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _open.Pop();
                break;
            default:
                var path = _open.TryPeek(out var holder) ? holder.PathOfNext() : "";
                if (!_lines.TryAdd(path, line))
                {
                    _twice.Add(path);
                }

                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    _open.Push(new Container(path, reader.TokenType == JsonTokenType.StartArray));
                }

                break;
        }
    }

    private sealed class Container(string path, bool isList)
    {
        private int _next;

        public string Property { get; set; } = "";

        public string PathOfNext() =>
            isList ? string.Create(CultureInfo.InvariantCulture, $"{path}[{_next++}]")
            : path.Length == 0 ? Property
            : $"{path}.{Property}";
    }
}
