using System.Buffers.Binary;
using System.Text;

using Registry.PackageService.Features.Publishing.Bodies;

namespace Registry.PackageService.Features.Publishing.Tarballs;

/// <summary>One 512-byte header block of a tar file, in the formats v7, ustar, GNU and pax.</summary>
/// <param name="Type">The type flag.</param>
/// <param name="Path">The name, its prefix included.</param>
/// <param name="LinkTarget">The link's target.</param>
/// <param name="Size">How many bytes follow.</param>
internal readonly record struct TarHeader(char Type, string Path, string LinkTarget, long Size)
{
    /// <summary>The size of a block.</summary>
    public const int BlockSize = 512;

    /// <summary>Bytes after the content, up to the next whole block.</summary>
    public long Padding => -Size & (BlockSize - 1);

    /// <summary>Reads a block.</summary>
    /// <exception cref="BodyRefusedException">It is not a header: its checksum or a number is wrong.</exception>
    public static TarHeader Read(ReadOnlySpan<byte> block)
    {
        if (!HasValidChecksum(block))
        {
            throw BodyRefusedException.Invalid("invalid_tarball", "The tarball is not a tar file: a header's checksum is wrong");
        }

        // Only the POSIX format uses the prefix for names; GNU keeps times there.
        var name = Text(block[..100]);
        var prefix = block.Slice(257, 8).SequenceEqual("ustar\000"u8) ? Text(block.Slice(345, 155)) : "";
        var size = Number(block.Slice(124, 12));
        return size >= 0
            ? new TarHeader((char)block[156], prefix.Length == 0 ? name : $"{prefix}/{name}", Text(block.Slice(157, 100)), size)
            : throw BodyRefusedException.Invalid("invalid_tarball", "The tarball is not a tar file: an entry's size is wrong");
    }

    private static bool HasValidChecksum(ReadOnlySpan<byte> block)
    {
        var field = block.Slice(148, 8);
        var sum = 8 * ' ';
        for (var i = 0; i < BlockSize; i++)
        {
            if (i is < 148 or >= 156)
            {
                sum += block[i];
            }
        }

        // npm's reader takes the byte after the field for a digit where no terminator stands, and skips what we would then read.
        return field.ContainsAny((byte)0, (byte)' ') && Number(field) == sum;
    }

    /// <summary>Octal digits, or base 256 when the first bit is set (GNU, for files of 8 GiB and more); -1 when it is neither.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            return field.Length > 8 && field[0] == 0x80 && !field[1..^8].ContainsAnyExcept((byte)0) ? BinaryPrimitives.ReadInt64BigEndian(field[^8..]) : -1;
        }

        // Exactly as npm's reader does: what follows the first NUL is not part of the number.
        var end = field.IndexOf((byte)0);
        var digits = (end < 0 ? field : field[..end]).Trim((byte)' ');
        if (digits.IsEmpty)
        {
            return -1;
        }

        var value = 0L;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return -1;
            }

            value = (value << 3) + (digit - '0');
        }

        return value;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
