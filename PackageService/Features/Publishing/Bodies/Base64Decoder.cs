using System.Buffers;
using System.Buffers.Text;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>Decodes base64 that arrives in pieces of any size: the standard alphabet, with its padding, and nothing else.</summary>
/// <param name="whitespaceAllowed">Skip blanks and line ends, which command-line tools put in.</param>
internal sealed class Base64Decoder(bool whitespaceAllowed)
{
    // Line ends are for lines: tools break after 64 or 76 characters. A body of blanks alone would cost time and carry nothing.
    private const int FreeBlanks = 4096;
    private const int CharactersPerBlank = 16;

    private readonly byte[] _carry = new byte[4];
    private long _blanks;
    private long _characters;
    private int _carried;
    private bool _ended;

    /// <summary>Decodes some of the input.</summary>
    /// <param name="input">The next characters.</param>
    /// <param name="output">Room for at least three bytes.</param>
    /// <param name="consumed">Characters taken.</param>
    /// <param name="written">Bytes given.</param>
    /// <returns>False when the input is not base64.</returns>
    public bool TryDecode(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        (consumed, written) = (0, 0);
        var blank = input.IndexOfAny(" \t\r\n"u8);
        if (blank == 0)
        {
            consumed = 1;
            return whitespaceAllowed && ++_blanks <= FreeBlanks + (_characters / CharactersPerBlank);
        }

        var text = blank < 0 ? input : input[..blank];
        _characters += text.Length;
        if (_ended)
        {
            return text.IsEmpty;
        }

        var whole = _carried == 0 ? Math.Min(WholeQuads(text), output.Length / 3 * 4) : 0;
        if (whole == 0)
        {
            return TryFillCarry(text, output, out consumed, out written);
        }

        var status = Base64.DecodeFromUtf8(text[..whole], output, out consumed, out written, isFinalBlock: true);
        return status == OperationStatus.Done && consumed == whole;
    }

    /// <summary>True when what was decoded is complete.</summary>
    public bool IsComplete => _carried == 0;

    /// <summary>How many characters are whole groups of four without padding; the rest goes through the carry.</summary>
    private static int WholeQuads(ReadOnlySpan<byte> text)
    {
        var padding = text.IndexOf((byte)'=');
        return (padding < 0 ? text.Length : padding) & ~3;
    }

    private bool TryFillCarry(ReadOnlySpan<byte> text, Span<byte> output, out int consumed, out int written)
    {
        written = 0;
        consumed = Math.Min(4 - _carried, text.Length);
        text[..consumed].CopyTo(_carry.AsSpan(_carried));
        _carried += consumed;
        if (_carried < 4)
        {
            return true;
        }

        _carried = 0;
        _ended = _carry[3] == '=';
        return Base64.DecodeFromUtf8(_carry, output, out _, out written, isFinalBlock: true) == OperationStatus.Done;
    }
}
