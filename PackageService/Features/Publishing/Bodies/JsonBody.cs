using System.Text.Json.Nodes;

using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>
/// A JSON body with a tarball somewhere inside. Reading goes forward only: to the tarball, through it (as a stream), and to
/// the end.
/// </summary>
internal sealed class JsonBody(Stream body, TarballPlace place, int maxDocumentBytes) : ForwardReadStream
{
    private readonly JsonSplitter _splitter = new(place, maxDocumentBytes);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>How many bytes the document has so far, without the tarball.</summary>
    public int DocumentBytes => _splitter.Document.Length;

    /// <summary>Reads until the tarball begins.</summary>
    /// <returns>False when the body ended without one.</returns>
    public async Task<bool> MoveToTarballAsync(CancellationToken cancellationToken)
    {
        while (_splitter.Phase == SplitterPhase.BeforeTarball && await FillAsync(cancellationToken))
        {
            _start += _splitter.Consume(_buffer.AsSpan(_start.._end), [], out _);
        }

        return _splitter.Phase != SplitterPhase.BeforeTarball;
    }

    /// <summary>Reads to the end of the body.</summary>
    /// <returns>The document, with an empty string in the tarball's place.</returns>
    public async Task<JsonObject> ReadDocumentAsync(CancellationToken cancellationToken)
    {
        if (_splitter.Phase == SplitterPhase.InTarball)
        {
            throw new InvalidOperationException("The tarball has to be read to its end first.");
        }

        while (await FillAsync(cancellationToken))
        {
            _start += _splitter.Consume(_buffer.AsSpan(_start.._end), [], out _);
        }

        return _splitter.IsComplete ? JsonReading.ParseObject(_splitter.Document, "The request body", JsonDuplicates.Refused) : throw Truncated();
    }

    /// <summary>Reads the tarball's bytes; 0 at its end.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, 3);
        var written = 0;
        while (written == 0 && _splitter.Phase == SplitterPhase.InTarball)
        {
            if (!await FillAsync(cancellationToken))
            {
                throw Truncated();
            }

            _start += _splitter.Consume(_buffer.AsSpan(_start.._end), buffer.Span, out written);
        }

        return written;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            (_start, _end) = (0, await body.ReadAsync(_buffer, cancellationToken));
        }

        return _start < _end;
    }

    private BodyRefusedException Truncated() =>
        BodyRefusedException.Invalid("truncated_body", $"The request body ends too early, inside {_splitter.Place}");
}
