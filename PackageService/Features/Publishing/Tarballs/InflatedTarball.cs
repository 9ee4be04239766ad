using System.IO.Compression;

using Registry.PackageService.Features.Publishing.Bodies;

namespace Registry.PackageService.Features.Publishing.Tarballs;

/// <summary>The inflated bytes of a tarball, counted while they come out, so that a small tarball cannot unpack without end.</summary>
internal sealed class InflatedTarball(Stream gzip, long maxBytes) : IDisposable
{
    private readonly GZipStream _inflater = new(new EndMarkedGzip(gzip), CompressionMode.Decompress);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private long _total;
    private int _start;
    private int _end;
    private int _held; // bytes behind _end that may turn out to be the end mark

    /// <summary>Reads exactly this much.</summary>
    /// <returns>False when nothing at all is left.</returns>
    /// <exception cref="BodyRefusedException">There is something left, but less.</exception>
    public async ValueTask<bool> TryReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        var read = 0;
        while (read < destination.Length && await FillAsync(cancellationToken))
        {
            var count = Math.Min(destination.Length - read, _end - _start);
            _buffer.AsMemory(_start, count).CopyTo(destination[read..]);
            read += count;
            _start += count;
        }

        return read == destination.Length || (read == 0 ? false : throw Truncated());
    }

    /// <summary>Passes over this many bytes.</summary>
    public async ValueTask SkipAsync(long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (!await FillAsync(cancellationToken))
            {
                throw Truncated();
            }

            var step = (int)Math.Min(count, _end - _start);
            _start += step;
            count -= step;
        }
    }

    /// <summary>Reads what is left, which has to be zeros: readers disagree about anything else after a tar's end.</summary>
    public async ValueTask ReadPaddingAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(cancellationToken))
        {
            if (_buffer.AsSpan(_start.._end).ContainsAnyExcept((byte)0))
            {
                throw BodyRefusedException.Invalid("invalid_tarball", "The tarball continues after its end");
            }

            _start = _end;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _inflater.Dispose();

    private static BodyRefusedException Truncated() =>
        BodyRefusedException.Invalid("invalid_tarball", "The tarball ends in the middle of an entry");

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start < _end)
        {
            return true;
        }

        // The last bytes read are held back, until more come or they are the end mark.
        while (_start == _end)
        {
            _buffer.AsSpan(_end, _held).CopyTo(_buffer);
            var count = await InflateAsync(_buffer.AsMemory(_held), cancellationToken);
            if (count == 0)
            {
                (_start, _end) = (0, 0);
                return _buffer.AsSpan(0, _held).SequenceEqual(EndMarkedGzip.Mark) ? false : throw Damaged();
            }

            var available = _held + count;
            _held = Math.Min(available, EndMarkedGzip.Mark.Length);
            (_start, _end) = (0, available - _held);
        }

        return true;
    }

    private static BodyRefusedException Damaged() =>
        BodyRefusedException.Invalid("invalid_tarball", "The tarball's gzip data is damaged or ends too early");

    private async ValueTask<int> InflateAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            var count = await _inflater.ReadAsync(destination, cancellationToken);
            _total += count;
            return _total <= maxBytes
                ? count
                : throw BodyRefusedException.TooLarge("tarball_unpacks_too_large", $"The tarball unpacks to more than {maxBytes} bytes");
        }
        catch (InvalidDataException)
        {
            throw Damaged();
        }
    }
}
