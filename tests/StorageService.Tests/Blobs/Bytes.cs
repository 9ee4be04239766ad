using System.Security.Cryptography;

using Registry.StorageService.Blobs;

namespace Registry.StorageService.Tests.Blobs;

/// <summary>Contents for blobs, and the keys they must get.</summary>
internal static class Bytes
{
    /// <summary>Bytes nobody else has.</summary>
    public static byte[] Unique(int length = 1000) => RandomNumberGenerator.GetBytes(length);

    public static BlobKey KeyOf(byte[] content) => BlobKey.FromDigest(SHA256.HashData(content));

    public static async Task<byte[]> ReadAllAsync(Stream? content)
    {
        content.ShouldNotBeNull();
        await using var owned = content;
        using var all = new MemoryStream();
        await content.CopyToAsync(all);
        return all.ToArray();
    }
}

/// <summary>A stream of zeros of any length that exists only while it is read; stops, waits or fails where a test says.</summary>
internal sealed class GeneratedStream(long length) : Stream
{
    private long _given;

    /// <summary>Runs before each read, with the number of bytes given so far.</summary>
    public Func<long, CancellationToken, ValueTask>? BeforeRead { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _given; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (BeforeRead is not null)
        {
            await BeforeRead(_given, cancellationToken);
        }

        var count = (int)Math.Min(buffer.Length, length - _given);
        buffer.Span[..count].Clear();
        _given += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
