using System.Buffers;
using System.Text.Json;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>Where in its body a splitter is.</summary>
internal enum SplitterPhase
{
    /// <summary>No tarball was met.</summary>
    BeforeTarball,

    /// <summary>Inside the tarball's base64.</summary>
    InTarball,

    /// <summary>The tarball is complete.</summary>
    AfterTarball,
}

/// <summary>
/// Walks one JSON document that arrives in pieces of any size and takes it apart: the tarball's base64 comes out decoded,
/// everything else is kept as a small document with an empty string in its place. It follows structure only; whether the
/// rest is valid JSON is for the parser that reads <see cref="Document"/>, which sees every byte but the tarball's.
/// </summary>
internal sealed class JsonSplitter(TarballPlace place, int maxDocumentBytes)
{
    private const int MaxDepth = 64;
    private const int MaxValues = 1_000_000; // each becomes an object many times its size in the text
    private static readonly SearchValues<byte> LiteralEnds = SearchValues.Create(",]} \t\r\n\""u8);

    private readonly ArrayBufferWriter<byte> _document = new(16 * 1024);
    private readonly List<Frame> _frames = [];
    private readonly EscapedBase64 _tarball = new(place.WhitespaceAllowed);
    private Expect _expect = Expect.Root;
    private Inside _inside = Inside.Nothing;
    private bool _escaped;
    private int _keyStart;
    private int _values;

    private enum Expect : byte
    {
        Root,
        Value,
        ValueOrEnd,
        Key,
        KeyOrEnd,
        Colon,
        CommaOrEnd,
        Nothing,
    }

    private enum Inside : byte
    {
        Nothing,
        Key,
        Text,
        Literal,
        Tarball,
    }

    /// <summary>Whether the tarball was met.</summary>
    public SplitterPhase Phase { get; private set; }

    /// <summary>The document ended; only blanks may follow.</summary>
    public bool IsComplete => _expect == Expect.Nothing;

    /// <summary>Everything but the tarball.</summary>
    public ReadOnlyMemory<byte> Document => _document.WrittenMemory;

    /// <summary>The keys that lead to where the splitter is, for messages.</summary>
    public string Place
    {
        get
        {
            var keys = string.Join('.', _frames.Select(frame => frame.IsArray ? "[]" : frame.Key ?? "…"));
            return _frames.Count == 0 ? "the document" : JsonReading.Printable(keys);
        }
    }

    /// <summary>Takes some of the input; returns early when the phase changes or the output is full.</summary>
    /// <param name="input">The next bytes of the body.</param>
    /// <param name="tarball">Room for decoded bytes, at least three.</param>
    /// <param name="written">How many decoded bytes were given.</param>
    /// <returns>How many bytes of the input were taken.</returns>
    public int Consume(ReadOnlySpan<byte> input, Span<byte> tarball, out int written)
    {
        var (position, phase) = (0, Phase);
        written = 0;
        while (position < input.Length && Phase == phase && (phase != SplitterPhase.InTarball || tarball.Length - written >= 3))
        {
            var rest = input[position..];
            var decoded = 0;
            position += _inside switch
            {
                Inside.Nothing => Structure(rest),
                Inside.Literal => Literal(rest),
                Inside.Tarball => Tarball(rest, tarball[written..], out decoded),
                _ => Text(rest),
            };
            written += decoded;
        }

        return position;
    }

    private int Structure(ReadOnlySpan<byte> input)
    {
        var blanks = input.IndexOfAnyExcept(" \t\r\n"u8);
        if (blanks != 0)
        {
            return Keep(blanks < 0 ? input : input[..blanks]);
        }

        var next = input[0];
        switch (_expect)
        {
            case Expect.Nothing:
                throw Invalid("there is something after its end");
            case Expect.Colon when next == ':':
                _expect = Expect.Value;
                break;
            case Expect.CommaOrEnd when next == ',':
                _expect = _frames[^1].IsArray ? Expect.Value : Expect.Key;
                break;
            case Expect.Key or Expect.KeyOrEnd when next == '"':
                _inside = Inside.Key;
                _keyStart = _document.WrittenCount;
                break;
            case Expect.CommaOrEnd or Expect.KeyOrEnd or Expect.ValueOrEnd when next is (byte)'}' or (byte)']':
                End(next);
                break;
            case Expect.Root or Expect.Value or Expect.ValueOrEnd:
                return Begin(next);
            default:
                throw Invalid("a comma, a colon, a key or a bracket is missing or misplaced");
        }

        return Keep(input[..1]);
    }

    private int Begin(byte first)
    {
        if (_expect == Expect.Root && first != '{')
        {
            throw BodyRefusedException.Invalid("invalid_json", "The request body must be a JSON object");
        }

        if (++_values > MaxValues)
        {
            throw BodyRefusedException.TooLarge("body_too_large", $"The document has more than {MaxValues} values");
        }

        if (first == '"' && LeadsToTarball())
        {
            Phase = Phase == SplitterPhase.BeforeTarball
                ? SplitterPhase.InTarball
                : throw BodyRefusedException.Invalid("second_tarball", $"There is more than one tarball: {Place} is the second");
            _inside = Inside.Tarball;
            Keep("\"\""u8);
            return 1;
        }

        (_inside, _expect) = first switch
        {
            (byte)'"' => (Inside.Text, Expect.CommaOrEnd),
            (byte)'{' => (Inside.Nothing, Expect.KeyOrEnd),
            (byte)'[' => (Inside.Nothing, Expect.ValueOrEnd),
            _ => (Inside.Literal, Expect.CommaOrEnd),
        };
        if (first is (byte)'{' or (byte)'[')
        {
            Push(first == '[');
        }

        return _inside == Inside.Literal ? 0 : Keep([first]);
    }

    private int Text(ReadOnlySpan<byte> input)
    {
        if (_escaped)
        {
            _escaped = false;
            return Keep(input[..1]);
        }

        var special = input.IndexOfAny((byte)'"', (byte)'\\');
        if (special != 0)
        {
            return Keep(special < 0 ? input : input[..special]);
        }

        Keep(input[..1]);
        _escaped = input[0] == '\\';
        if (!_escaped)
        {
            EndText();
        }

        return 1;
    }

    private void EndText()
    {
        if (_inside == Inside.Key)
        {
            _frames[^1].Key = _frames.Count <= place.Depth ? ReadKey() : null;
            _expect = Expect.Colon;
        }

        _inside = Inside.Nothing;
    }

    private int Literal(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOfAny(LiteralEnds);
        if (end != 0)
        {
            return Keep(end < 0 ? input : input[..end]);
        }

        _inside = Inside.Nothing;
        return 0;
    }

    private int Tarball(ReadOnlySpan<byte> input, Span<byte> output, out int written)
    {
        if (!_tarball.TryDecode(input, output, out var consumed, out written))
        {
            throw BodyRefusedException.Invalid("invalid_base64", $"The tarball in {Place} is not valid base64");
        }

        if (_tarball.IsComplete)
        {
            Phase = SplitterPhase.AfterTarball;
            (_inside, _expect) = (Inside.Nothing, Expect.CommaOrEnd);
        }

        return consumed;
    }

    private void Push(bool isArray)
    {
        _frames.Add(new Frame(isArray));
        if (_frames.Count > MaxDepth)
        {
            throw BodyRefusedException.Invalid("invalid_json", $"The document is nested more than {MaxDepth} levels deep");
        }
    }

    private void End(byte bracket)
    {
        if (_frames[^1].IsArray != (bracket == ']'))
        {
            throw Invalid("brackets do not match");
        }

        _frames.RemoveAt(_frames.Count - 1);
        _expect = _frames.Count == 0 ? Expect.Nothing : Expect.CommaOrEnd;
    }

    private bool LeadsToTarball() =>
        _frames.Count == place.Depth
        && _frames.TrueForAll(static frame => !frame.IsArray)
        && place.Matches([.. _frames.Select(static frame => frame.Key!)]);

    private string ReadKey()
    {
        var reader = new Utf8JsonReader(_document.WrittenSpan[_keyStart..]);
        try
        {
            reader.Read();
            return reader.GetString()!;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            throw Invalid("a key is malformed");
        }
    }

    private int Keep(ReadOnlySpan<byte> bytes)
    {
        if (_document.WrittenCount + bytes.Length > maxDocumentBytes)
        {
            throw BodyRefusedException.TooLarge("body_too_large", $"The document, without its tarball, is larger than {maxDocumentBytes} bytes");
        }

        _document.Write(bytes);
        return bytes.Length;
    }

    private BodyRefusedException Invalid(string why) =>
        BodyRefusedException.Invalid("invalid_json", $"The request body is not valid JSON: at {Place}, {why}");

    private sealed class Frame(bool isArray)
    {
        public bool IsArray => isArray;

        public string? Key { get; set; }
    }
}
