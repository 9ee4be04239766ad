using System.Text.Json.Nodes;

using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>
/// pantry's multipart body: the parts <c>metadata</c> and <c>tarball</c> in any order (P21). Other parts are passed over,
/// within bounds.
/// </summary>
internal sealed class MultipartBody(Stream body, string boundary)
{
    private const int MaxParts = 32;
    private const int MaxMetadataBytes = 1024 * 1024;
    private const int MaxOtherBytes = 1024 * 1024;

    private readonly MultipartReader _reader = new(boundary, body) { HeadersCountLimit = 16, HeadersLengthLimit = 16 * 1024 };
    private JsonObject? _metadata;
    private bool _hasTarball;
    private int _parts;
    private long _otherBytes;

    /// <summary>The boundary a content type names, or null when there is none that can be used.</summary>
    public static string? BoundaryOf(MediaTypeHeaderValue contentType)
    {
        var boundary = HeaderUtilities.RemoveQuotes(contentType.Boundary).Value;
        return boundary is { Length: > 0 and <= 128 } ? boundary : null;
    }

    /// <summary>Reads until the tarball begins.</summary>
    /// <returns>The tarball's bytes, or null when the body ended without one.</returns>
    public async Task<Stream?> MoveToTarballAsync(CancellationToken cancellationToken)
    {
        while (await _reader.ReadNextSectionAsync(cancellationToken) is { } part)
        {
            if (++_parts > MaxParts)
            {
                throw BodyRefusedException.Invalid("invalid_multipart", $"The request has more than {MaxParts} parts");
            }

            var name = NameOf(part);
            if (name == "tarball")
            {
                _hasTarball = !_hasTarball ? true : throw BodyRefusedException.Invalid("invalid_multipart", "There is more than one part named tarball");
                return part.Body;
            }

            await ReadPartAsync(name, part.Body, cancellationToken);
        }

        return null;
    }

    /// <summary>Reads to the end of the body.</summary>
    /// <returns>The metadata.</returns>
    public async Task<JsonObject> ReadMetadataAsync(CancellationToken cancellationToken)
    {
        await MoveToTarballAsync(cancellationToken);
        return _metadata ?? throw BodyRefusedException.Invalid("missing_metadata", "Missing metadata: send it as the part named metadata");
    }

    private static string NameOf(MultipartSection part) =>
        ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition)
            ? HeaderUtilities.RemoveQuotes(disposition.Name).ToString()
            : "";

    private async Task ReadPartAsync(string name, Stream part, CancellationToken cancellationToken)
    {
        if (name != "metadata")
        {
            _otherBytes += (await ReadAsync(part, MaxOtherBytes - _otherBytes, "The parts other than metadata and tarball are", cancellationToken)).Length;
            return;
        }

        if (_metadata is not null)
        {
            throw BodyRefusedException.Invalid("invalid_multipart", "There is more than one part named metadata");
        }

        var bytes = await ReadAsync(part, MaxMetadataBytes, "The metadata is", cancellationToken);
        _metadata = JsonReading.ParseObject(bytes, "The metadata", JsonDuplicates.Refused);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream part, long maxBytes, string what, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await part.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (kept.Length + count > maxBytes)
            {
                throw BodyRefusedException.TooLarge("body_too_large", $"{what} too large");
            }

            await kept.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        return kept.ToArray();
    }
}
