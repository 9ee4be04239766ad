using System.IO.Compression;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>
/// The bytes of a request's body, inflated when it was sent compressed (npm protocol 1.3), with an end to the sender's
/// patience: bounded in size, and refused when nothing arrives for a minute.
/// </summary>
internal sealed class IncomingBody : ForwardReadStream
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Stream _body;
    private readonly long _maxBytes;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _deadline;
    private long _read;

    private IncomingBody(Stream body, long maxBytes, CancellationToken cancellationToken)
    {
        _body = body;
        _maxBytes = maxBytes;
        _cancellationToken = cancellationToken;
        _deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>The sender has said that the body is complete.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>Opens the body of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxBytes">The most bytes to read, after inflating.</param>
    /// <param name="cancellationToken">Ends every read.</param>
    /// <exception cref="BodyRefusedException">415: compressed in a way that is not supported.</exception>
    public static IncomingBody Open(HttpRequest request, long maxBytes, CancellationToken cancellationToken)
    {
        var encoding = request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        return encoding switch
        {
            "" or "identity" => new IncomingBody(request.Body, maxBytes, cancellationToken),
            "gzip" or "x-gzip" => new IncomingBody(
                new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true), maxBytes, cancellationToken),
            _ => throw new BodyRefusedException(
                StatusCodes.Status415UnsupportedMediaType, "unsupported_content_encoding", "Unsupported content encoding: send the body plain or as gzip"),
        };
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var registration = cancellationToken.UnsafeRegister(static deadline => ((CancellationTokenSource)deadline!).Cancel(), _deadline);
        _deadline.CancelAfter(Patience);
        int count;
        try
        {
            count = await _body.ReadAsync(buffer, _deadline.Token);
        }
        catch (OperationCanceledException) when (!_cancellationToken.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BodyRefusedException(
                StatusCodes.Status408RequestTimeout, "request_timeout", "The request body stopped arriving for 60 seconds");
        }
        catch (BadHttpRequestException bad)
        {
            throw new BodyRefusedException(bad.StatusCode, "truncated_body", "The request body ended before it was complete");
        }
        catch (InvalidDataException)
        {
            throw BodyRefusedException.Invalid("invalid_gzip", "The request body is not valid gzip, although its Content-Encoding says so");
        }
        finally
        {
            _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        }

        AtEnd |= count == 0 && buffer.Length > 0;
        _read += count;
        return _read > _maxBytes ? throw BodyRefusedException.TooLarge("body_too_large", "The request body is too large") : count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _deadline.Dispose();
            if (_body is GZipStream)
            {
                _body.Dispose();
            }
        }

        base.Dispose(disposing);
    }
}
