using Registry.ServiceDefaults.Bodies;

namespace Registry.PackageService.Features.Publishing.Bodies;

/// <summary>
/// The bytes of a request's body, with an end to the sender's patience: bounded in size, and refused when nothing arrives for a minute.
/// </summary>
internal sealed class IncomingBody : ForwardReadStream
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Stream _body;
    private readonly long _maxBytes;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _deadline;
    private long _read;

    /// <summary>Opens a body.</summary>
    /// <param name="body">The request's body; what was sent compressed is inflated already.</param>
    /// <param name="maxBytes">The most bytes to read.</param>
    /// <param name="cancellationToken">Ends every read.</param>
    public IncomingBody(Stream body, long maxBytes, CancellationToken cancellationToken)
    {
        _body = body;
        _maxBytes = maxBytes;
        _cancellationToken = cancellationToken;
        _deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>The sender has said that the body is complete.</summary>
    public bool AtEnd { get; private set; }

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
            throw bad.InnerException is InvalidDataException
                ? BodyRefusedException.Invalid("invalid_gzip", bad.Message)
                : new BodyRefusedException(bad.StatusCode, "truncated_body", "The request body ended before it was complete");
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
        }

        base.Dispose(disposing);
    }
}
