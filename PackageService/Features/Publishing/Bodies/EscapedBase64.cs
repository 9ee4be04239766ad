using System.Globalization;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>Decodes base64 inside a JSON string, from after its opening quotation mark to its closing one, escapes included.</summary>
internal sealed class EscapedBase64(bool whitespaceAllowed)
{
    private const int WindowBytes = 16 * 1024;

    private readonly Base64Decoder _decoder = new(whitespaceAllowed);
    private readonly char[] _escape = new char[5];
    private int _escapeLength = -1; // -1: not in an escape; otherwise characters seen after the backslash

    /// <summary>The closing quotation mark was taken.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Decodes some of the input; <paramref name="output"/> has room for at least three bytes.</summary>
    /// <returns>False when the string is not base64.</returns>
    public bool TryDecode(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        if (_escapeLength >= 0)
        {
            consumed = 1;
            return TryEscape((char)input[0], output, out written);
        }

        // A call may take a single character, so it must not look at more than a window of what there is.
        input = input[..Math.Min(input.Length, WindowBytes)];
        var run = input.IndexOfAny((byte)'"', (byte)'\\');
        if (run != 0)
        {
            var text = run < 0 ? input : input[..run];
            (consumed, written) = (0, 0);
            // A raw control character is not JSON, whatever base64 would make of it.
            return !text.ContainsAnyInRange<byte>(0, 0x1f) && _decoder.TryDecode(text, output, out consumed, out written);
        }

        (consumed, written) = (1, 0);
        if (input[0] == '\\')
        {
            _escapeLength = 0;
            return true;
        }

        IsComplete = true;
        return _decoder.IsComplete;
    }

    private bool TryEscape(char next, Span<byte> output, out int written)
    {
        written = 0;
        _escape[_escapeLength++] = next;
        if (_escape[0] == 'u' && _escapeLength < 5)
        {
            return true;
        }

        _escapeLength = -1;
        var character = _escape[0] switch
        {
            '/' => '/',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' when ushort.TryParse(_escape.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) => (char)code,
            _ => '\0',
        };
        return char.IsAscii(character) && _decoder.TryDecode([(byte)character], output, out _, out written);
    }
}
