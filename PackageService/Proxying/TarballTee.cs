using System.Threading.Channels;

namespace Registry.PackageService.Proxying;

/// <summary>
/// A tarball on its way past somebody who reads along while it is stored. Its last piece is held back until the whole was verified, so nobody
/// takes wrong bytes for a whole tarball. A reader that falls behind is left behind, and reads the rest from the store: the
/// download never waits, and memory stays small.
/// </summary>
internal sealed class TarballTee
{
    private const int MostPending = 2 * 1024 * 1024;

    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _held;
    private long _pending;
    private volatile bool _isLeftBehind;
    private volatile bool _isAlone;

    /// <summary>Ends when there is something to read. Of a tarball in one piece that is when it was verified, so its failure is still an answer.</summary>
    public Task Begun => _begun.Task;

    /// <summary>The reader has to get the rest from the store.</summary>
    public bool IsLeftBehind => _isLeftBehind;

    /// <summary>The pieces that are there, as they come.</summary>
    /// <param name="cancellationToken">The reader has gone.</param>
    /// <exception cref="Exception">What ended the download, when it failed.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var piece in _pieces.Reader.ReadAllAsync(cancellationToken))
            {
                Interlocked.Add(ref _pending, -piece.Length);
                yield return piece;
            }
        }
        finally
        {
            _isAlone = true; // nothing is kept for one who has gone
        }
    }

    /// <summary>More of the tarball.</summary>
    public void Add(ReadOnlySpan<byte> piece)
    {
        if (_isLeftBehind || _isAlone)
        {
            return;
        }

        if (Interlocked.Read(ref _pending) + piece.Length > MostPending)
        {
            _isLeftBehind = true;
            _held = null;
            _pieces.Writer.TryComplete();
            return;
        }

        Release();
        _held = piece.ToArray();
    }

    /// <summary>All of it was verified and is stored.</summary>
    public void Complete()
    {
        Release();
        _pieces.Writer.TryComplete();
    }

    /// <summary>There will be no more.</summary>
    public void Fail(Exception failure) => _pieces.Writer.TryComplete(failure);

    private void Release()
    {
        if (_held is { } piece && !_isLeftBehind)
        {
            Interlocked.Add(ref _pending, piece.Length);
            _pieces.Writer.TryWrite(piece);
            _begun.TrySetResult();
        }

        _held = null;
    }
}
