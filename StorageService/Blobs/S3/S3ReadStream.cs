using Amazon.S3.Model;

namespace Registry.StorageService.Blobs.S3;

/// <summary>
/// A blob as it comes from S3. A line that breaks or gives nothing is opened anew where it stopped, a few times: the bytes of a
/// blob never change, so the rest is the rest. It ends only where the blob ends.
/// </summary>
internal sealed class S3ReadStream : Stream
{
    private const int MostReopenings = 3;

    private readonly Func<long, CancellationToken, Task<GetObjectResponse?>> _open;
    private readonly TimeSpan _stall;
    private readonly long _end;
    private GetObjectResponse _answer;
    private long _position;
    private int _reopenings;

    /// <summary>Goes on reading an answer.</summary>
    /// <param name="answer">The answer, from <paramref name="offset"/> to the end of the blob; disposed with this.</param>
    /// <param name="offset">Where the answer begins.</param>
    /// <param name="open">Opens the blob at an offset.</param>
    /// <param name="stall">How long to wait for the next bytes.</param>
    public S3ReadStream(GetObjectResponse answer, long offset, Func<long, CancellationToken, Task<GetObjectResponse?>> open, TimeSpan stall)
    {
        _answer = answer;
        _position = offset;
        _end = offset + answer.ContentLength;
        _open = open;
        _stall = stall;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == _end || buffer.Length == 0)
        {
            return 0;
        }

        while (true)
        {
            try
            {
                return await ReadOnceAsync(buffer, cancellationToken);
            }
            catch (Exception broken) when (IsBroken(broken) && !cancellationToken.IsCancellationRequested)
            {
                await ReopenAsync(broken, cancellationToken);
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Blobs are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _answer.Dispose();
        }

        base.Dispose(disposing);
    }

    private static bool IsBroken(Exception failure) => failure is OperationCanceledException || S3Calls.IsFailure(failure);

    private async Task<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_stall);
        var read = await _answer.ResponseStream.ReadAsync(buffer, patience.Token);
        _position += read;
        return read > 0 ? read : throw new EndOfStreamException("S3 ended its answer before the end of the object.");
    }

    private async Task ReopenAsync(Exception broken, CancellationToken cancellationToken)
    {
        if (++_reopenings > MostReopenings)
        {
            throw BlobStoreException.FromS3(broken);
        }

        var answer = await _open(_position, cancellationToken)
            ?? throw BlobStoreException.FromS3(new IOException("The object was removed while it was being read.", broken));
        _answer.Dispose();
        _answer = answer;
    }
}
