using System.Globalization;
using System.Text;

using Registry.PackageService.Features.Publishing.Bodies;

namespace Registry.PackageService.Features.Publishing.Tarballs;

/// <summary>
/// Goes through the entries of a tar file. A reader of its own rather than the platform's, because that one trusts the
/// stated length of extended headers and skips what it does not understand: here every length is bounded, and what two
/// readers could understand differently is refused.
/// </summary>
internal sealed class TarEntryReader(InflatedTarball bytes)
{
    private const int MaxExtendedBytes = 1024 * 1024;
    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private string? _path;
    private string? _linkTarget;
    private long? _size;

    /// <summary>The next entry, or null after the last. The content of the one before has to be read or skipped.</summary>
    public async ValueTask<TarHeader?> NextAsync(CancellationToken cancellationToken)
    {
        while (await bytes.TryReadAsync(_block, cancellationToken))
        {
            if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                break;
            }

            var header = TarHeader.Read(_block);
            if (header is { Type: not ('1' or '2'), LinkTarget.Length: > 0 })
            {
                // npm's reader passes over such a header and takes the entry's content for the next one.
                throw Invalid($"{JsonReading.Printable(header.Path)} is no link but names a target");
            }

            if (header.Type is not ('x' or 'g' or 'L' or 'K'))
            {
                return Complete(header);
            }

            if (_size is not null)
            {
                throw Invalid("a size is given for something that is not an entry");
            }

            Extend(header.Type, await ReadExtensionAsync(header, cancellationToken));
        }

        await bytes.ReadPaddingAsync(cancellationToken);
        return _path is null && _linkTarget is null && _size is null ? null : throw Invalid("its last header belongs to no entry");
    }

    private static BodyRefusedException Invalid(string why) => BodyRefusedException.Invalid("invalid_tarball", $"The tarball is not a valid tar file: {why}");

    private TarHeader Complete(TarHeader header)
    {
        var entry = header with { Path = _path ?? header.Path, LinkTarget = _linkTarget ?? header.LinkTarget, Size = _size ?? header.Size };
        (_path, _linkTarget, _size) = (null, null, null);
        return entry is { Type: not ('1' or '2'), LinkTarget.Length: > 0 }
            ? throw Invalid($"{JsonReading.Printable(entry.Path)} is no link but names a target")
            : entry;
    }

    private async ValueTask<byte[]> ReadExtensionAsync(TarHeader header, CancellationToken cancellationToken)
    {
        if (header.Size > MaxExtendedBytes)
        {
            throw Invalid($"an extended header is larger than {MaxExtendedBytes} bytes");
        }

        var content = new byte[header.Size];
        if (!await bytes.TryReadAsync(content, cancellationToken) && content.Length > 0)
        {
            throw Invalid("it ends in an extended header");
        }

        await bytes.SkipAsync(header.Padding, cancellationToken);
        return content;
    }

    private void Extend(char type, byte[] content)
    {
        switch (type)
        {
            case 'L':
                _path = Encoding.UTF8.GetString(content.AsSpan().TrimEnd((byte)0));
                break;
            case 'K':
                _linkTarget = Encoding.UTF8.GetString(content.AsSpan().TrimEnd((byte)0));
                break;
            default:
                ExtendByRecords(content, isGlobal: type == 'g');
                break;
        }
    }

    /// <summary>Records of pax: <c>{length} {key}={value}\n</c>, the length counting itself.</summary>
    private void ExtendByRecords(ReadOnlySpan<byte> records, bool isGlobal)
    {
        while (!records.IsEmpty)
        {
            var space = records.IndexOf((byte)' ');
            if (space <= 0
                || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1
                || length > records.Length
                || records[length - 1] != '\n')
            {
                throw Invalid("an extended header is malformed");
            }

            var record = Encoding.UTF8.GetString(records[(space + 1)..(length - 1)]);
            var equals = record.IndexOf('=', StringComparison.Ordinal);
            ExtendBy(equals < 0 ? record : record[..equals], equals < 0 ? "" : record[(equals + 1)..], isGlobal);
            records = records[length..];
        }
    }

    private void ExtendBy(string key, string value, bool isGlobal)
    {
        if (key is "path" or "linkpath" or "size" && isGlobal)
        {
            throw Invalid($"a global header sets the {key} of all entries");
        }

        switch (key)
        {
            case "path":
                _path = value;
                break;
            case "linkpath":
                _linkTarget = value;
                break;
            case "size":
                _size = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : throw Invalid("an entry's size is wrong");
                break;
            case var _ when key.StartsWith("GNU.sparse.", StringComparison.Ordinal):
                throw Invalid("sparse files are not supported");
            default:
                break; // times, owners and the like
        }
    }
}
