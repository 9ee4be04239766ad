using System.IO.Compression;

using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Features.Publishing.Tarballs;

/// <summary>
/// Gzip data with one more member behind it. The platform takes data that was cut off for data that ended; but only behind
/// data that is whole does it see, and inflate, another member. So inflated data that does not end in
/// <see cref="Mark"/> was cut off.
/// </summary>
internal sealed class EndMarkedGzip(Stream gzip) : ForwardReadStream
{
    private static readonly byte[] MarkBytes = [.. "end of the data."u8];
    private static readonly byte[] MarkMember = Compress(MarkBytes);
    private int _markPosition = -1;

    /// <summary>What whole data ends in after inflating.</summary>
    public static ReadOnlySpan<byte> Mark => MarkBytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = _markPosition < 0 ? await gzip.ReadAsync(buffer, cancellationToken) : 0;
        if (count > 0)
        {
            return count;
        }

        _markPosition = Math.Max(_markPosition, 0);
        var rest = MarkMember.AsMemory(_markPosition);
        count = Math.Min(buffer.Length, rest.Length);
        rest[..count].CopyTo(buffer);
        _markPosition += count;
        return count;
    }

    private static byte[] Compress(byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var member = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            member.Write(content);
        }

        return bytes.ToArray();
    }
}
