using System.Security.Cryptography;

using Registry.PackageService.Features.Publishing.Bodies;
using Registry.PackageService.Packages;
using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Features.Publishing.Tarballs;

/// <summary>
/// The one pass over a tarball: whatever is read through it is counted, hashed and sent to storage on the way.
/// </summary>
internal sealed class TarballIntake(Stream source, Stream destination, long maxBytes) : ForwardReadStream
{
    private readonly byte[] _chunk = new byte[64 * 1024];
    private readonly IncrementalHash _sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
    private readonly byte[] _magic = new byte[2];
    private int _start;
    private int _end;

    /// <summary>How many bytes the tarball has so far.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>It begins as gzip does.</summary>
    public bool LooksLikeGzip => _magic is [0x1f, 0x8b];

    /// <summary>Stops sending to storage; the rest is only read, so that the sender can be told what is wrong.</summary>
    public bool IsRejected { get; set; }

    /// <summary>The digests, once the tarball was read to its end.</summary>
    public Integrity Integrity() => new(_sha512.GetHashAndReset(), _sha256.GetHashAndReset(), _sha1.GetHashAndReset());

    /// <summary>Reads what the inspection left.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(cancellationToken))
        {
            _start = _end;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!await FillAsync(cancellationToken))
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _chunk.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _sha512.Dispose();
            _sha256.Dispose();
            _sha1.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start < _end)
        {
            return true;
        }

        (_start, _end) = (0, await source.ReadAsync(_chunk, cancellationToken));
        var chunk = _chunk.AsMemory(0, _end);
        for (var i = 0; i < chunk.Length && SizeBytes + i < _magic.Length; i++)
        {
            _magic[SizeBytes + i] = chunk.Span[i];
        }

        SizeBytes += _end;
        if (SizeBytes > maxBytes)
        {
            throw BodyRefusedException.TooLarge("tarball_too_large", $"The tarball is larger than {maxBytes} bytes, the most this registry accepts");
        }

        _sha512.AppendData(chunk.Span);
        _sha256.AppendData(chunk.Span);
        _sha1.AppendData(chunk.Span);
        if (!IsRejected && _end > 0)
        {
            await destination.WriteAsync(chunk, cancellationToken);
        }

        return _end > 0;
    }
}
