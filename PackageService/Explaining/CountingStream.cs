using System.Text;

namespace Registry.PackageService.Explaining;

/// <summary>Counts what is written and keeps the beginning of it, where that is the text of an error.</summary>
internal sealed class CountingStream : Stream
{
    private const int MostKept = 4096;
    private readonly MemoryStream _kept = new();
    private long _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>The text of a problem, when that is what was written.</summary>
    public string? Text => _length <= MostKept && Encoding.UTF8.GetString(_kept.ToArray()) is var text && text.Contains("\"traceId\"", StringComparison.Ordinal) ? text : null;

    public override void Write(byte[] buffer, int offset, int count) => Count(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Count(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Count(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _kept.Dispose();
        base.Dispose(disposing);
    }

    private void Count(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        if (_length <= MostKept)
        {
            _kept.Write(bytes);
        }
    }
}
