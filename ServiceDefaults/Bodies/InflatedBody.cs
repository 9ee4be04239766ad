using System.IO.Compression;

using Microsoft.AspNetCore.Http;

namespace Registry.ServiceDefaults.Bodies;

/// <summary>A body that was sent as gzip, inflated as it is read, up to so many bytes.</summary>
/// <param name="sent">The body as it arrives.</param>
/// <param name="mostBytes">The most bytes it may inflate to; null when its reader counts.</param>
internal sealed class InflatedBody(Stream sent, long? mostBytes) : ForwardReadStream
{
    private readonly GZipStream _gzip = new(sent, CompressionMode.Decompress, leaveOpen: true);
    private long _read;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var count = await _gzip.ReadAsync(buffer, cancellationToken);
            _read += count;
            return _read > mostBytes
                ? throw new BadHttpRequestException("The request body is too large", StatusCodes.Status413PayloadTooLarge)
                : count;
        }
        catch (InvalidDataException malformed)
        {
            throw new BadHttpRequestException(
                "The request body is not valid gzip, although its Content-Encoding says so", StatusCodes.Status400BadRequest, malformed);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gzip.Dispose();
        }

        base.Dispose(disposing);
    }
}
