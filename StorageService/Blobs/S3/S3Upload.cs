using System.Buffers;
using System.Security.Cryptography;

using Amazon.S3.Model;

namespace Registry.StorageService.Blobs.S3;

/// <summary>
/// A blob on its way in, hashed as it comes. Up to one part of it is in memory, in a buffer that grows with what arrives. A blob that
/// fits is written to its key with one request once its digest is known; a larger one goes to <c>incoming/</c> in parts and is copied to
/// its key within S3. Disposal leaves nothing but the blob.
/// </summary>
internal sealed class S3Upload(S3Calls calls, string bucket, S3Limits limits) : IAsyncDisposable
{
    private const int FirstBytes = 128 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly string _incoming = S3Layout.NewIncoming();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(FirstBytes, limits.PartBytes));
    private int _buffered;
    private S3Parts? _parts;
    private bool _isComplete;

    /// <summary>Bytes received.</summary>
    public long SizeBytes { get; private set; }

    private bool IsInParts => _parts is not null;

    /// <summary>Reads the content to its end.</summary>
    /// <returns>Its key.</returns>
    /// <exception cref="BlobStoreException">S3 does not take it. What the content throws comes out as it is.</exception>
    public async Task<BlobKey> ReceiveAsync(Stream content, CancellationToken cancellationToken)
    {
        while (await FillAsync(content, cancellationToken))
        {
            await SendPartAsync(cancellationToken);
        }

        if (IsInParts)
        {
            if (_buffered > 0)
            {
                await SendPartAsync(cancellationToken);
            }

            await _parts!.CompleteAsync(cancellationToken);
            _isComplete = true;
        }

        return BlobKey.FromDigest(_hash.GetHashAndReset());
    }

    /// <summary>Writes the blob to a key, whole and in one moment; may be repeated.</summary>
    public Task WriteToAsync(string key, CancellationToken cancellationToken) =>
        IsInParts
            ? new S3Copy(calls, bucket, limits).CopyAsync(_incoming, key, SizeBytes, cancellationToken)
            : calls.TransferAsync(
                (s3, token) => s3.PutObjectAsync(
                    new PutObjectRequest
                    {
                        BucketName = bucket,
                        Key = key,
                        InputStream = new MemoryStream(_buffer, 0, _buffered, writable: false),
                        UseChunkEncoding = false,
                    },
                    token),
                cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _hash.Dispose();
        if (_isComplete)
        {
            await RemoveIncomingAsync();
        }
        else if (_parts is not null)
        {
            await _parts.AbortAsync();
        }
    }

    /// <summary>Reads until a part is full.</summary>
    /// <returns>False when the content has ended.</returns>
    private async Task<bool> FillAsync(Stream content, CancellationToken cancellationToken)
    {
        while (_buffered < limits.PartBytes)
        {
            Grow();
            var read = await content.ReadAsync(_buffer.AsMemory(_buffered, Math.Min(_buffer.Length, limits.PartBytes) - _buffered), cancellationToken);
            if (read == 0)
            {
                return false;
            }

            _hash.AppendData(_buffer, _buffered, read);
            _buffered += read;
            SizeBytes += read;
        }

        return true;
    }

    /// <summary>Most blobs are small, and many may be on their way at once.</summary>
    private void Grow()
    {
        if (_buffered < _buffer.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(_buffer.Length * 4L, limits.PartBytes));
        _buffer.AsSpan(0, _buffered).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private async Task SendPartAsync(CancellationToken cancellationToken)
    {
        _parts ??= await S3Parts.BeginAsync(calls, bucket, _incoming, cancellationToken);
        await _parts.SendAsync(new ArraySegment<byte>(_buffer, 0, _buffered), cancellationToken);
        _buffered = 0;
    }

    private async Task RemoveIncomingAsync()
    {
        try
        {
            await calls.OnceAsync(
                (s3, token) => s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = _incoming }, token), CancellationToken.None);
        }
        catch (BlobStoreException)
        {
            // A later start removes it; how the put ended is worth more than this.
        }
    }
}
