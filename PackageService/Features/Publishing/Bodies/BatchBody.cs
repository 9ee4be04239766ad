using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>
/// The documents in <c>{"packages":[…]}</c>, one after the other, each as a stream that has to be read to its end. Nothing else may be beside
/// them; whether a document is valid JSON is for its own reader.
/// </summary>
internal sealed class BatchBody(Stream body)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _hasBegun;

    /// <summary>Goes on to the next document.</summary>
    /// <returns>Its bytes; null when the last was read, and the body with it.</returns>
    /// <exception cref="BodyRefusedException">There is something else than a document.</exception>
    public async Task<Stream?> MoveToNextAsync(CancellationToken cancellationToken)
    {
        if (!_hasBegun)
        {
            await ExpectAsync("{\"packages\":["u8.ToArray(), cancellationToken);
        }

        var next = await PeekAsync(cancellationToken);
        if (_hasBegun && next == ',')
        {
            _start++;
            next = await PeekAsync(cancellationToken);
        }
        else if (next == ']')
        {
            await ExpectAsync("]}"u8.ToArray(), cancellationToken);
            return await PeekAsync(cancellationToken) < 0 ? null : throw Invalid("there is something after its end");
        }
        else if (_hasBegun)
        {
            throw Invalid("a comma or a bracket is missing");
        }

        _hasBegun = true;
        return next == '{' ? new Element(this) : throw Invalid("packages must hold objects");
    }

    private static BodyRefusedException Invalid(string why) =>
        BodyRefusedException.Invalid("invalid_json", $"The request body is not {{\"packages\":[…]}}: {why}");

    private async ValueTask ExpectAsync(byte[] tokens, CancellationToken cancellationToken)
    {
        foreach (var token in tokens)
        {
            // Blanks are passed over inside the one key as well; no client has any there.
            if (await PeekAsync(cancellationToken) != token)
            {
                throw Invalid($"'{(char)token}' is missing");
            }

            _start++;
        }
    }

    /// <returns>The next byte that is no blank; negative at the end.</returns>
    private async ValueTask<int> PeekAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(cancellationToken))
        {
            if (_buffer[_start] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return _buffer[_start];
            }

            _start++;
        }

        return -1;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            (_start, _end) = (0, await body.ReadAsync(_buffer, cancellationToken));
        }

        return _start < _end;
    }

    /// <summary>One object, to its closing bracket.</summary>
    private sealed class Element(BatchBody batch) : ForwardReadStream
    {
        private int _depth;
        private bool _inText;
        private bool _escaped;
        private bool _ended;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_ended || !await batch.FillAsync(cancellationToken))
            {
                return 0; // when it is the body that ended, the reader of the document finds that it is cut off
            }

            var available = batch._buffer.AsSpan(batch._start, Math.Min(buffer.Length, batch._end - batch._start));
            var taken = Take(available);
            available[..taken].CopyTo(buffer.Span);
            batch._start += taken;
            return taken;
        }

        private int Take(ReadOnlySpan<byte> bytes)
        {
            var position = 0;
            while (position < bytes.Length && !_ended)
            {
                position += _inText ? TakeText(bytes[position..]) : TakeStructure(bytes[position..]);
            }

            return position;
        }

        private int TakeText(ReadOnlySpan<byte> bytes)
        {
            if (_escaped)
            {
                _escaped = false;
                return 1;
            }

            var special = bytes.IndexOfAny((byte)'"', (byte)'\\');
            if (special < 0)
            {
                return bytes.Length;
            }

            _escaped = bytes[special] == '\\';
            _inText = _escaped;
            return special + 1;
        }

        private int TakeStructure(ReadOnlySpan<byte> bytes)
        {
            var special = bytes.IndexOfAny("\"{}"u8);
            if (special < 0)
            {
                return bytes.Length;
            }

            _inText = bytes[special] == '"';
            _depth += bytes[special] switch { (byte)'{' => 1, (byte)'}' => -1, _ => 0 };
            _ended = _depth == 0;
            return special + 1;
        }
    }
}
