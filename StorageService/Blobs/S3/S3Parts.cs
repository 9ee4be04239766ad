using Amazon.S3;
using Amazon.S3.Model;

namespace Registry.StorageService.Blobs.S3;

/// <summary>A multipart upload: parts arrive one after the other, and the object appears when it is completed.</summary>
internal sealed class S3Parts
{
    private readonly S3Calls _calls;
    private readonly string _bucket;
    private readonly string _key;
    private readonly string _uploadId;
    private readonly List<PartETag> _parts = [];

    private S3Parts(S3Calls calls, string bucket, string key, string uploadId)
    {
        _calls = calls;
        _bucket = bucket;
        _key = key;
        _uploadId = uploadId;
    }

    /// <summary>Begins one. An answer that is lost leaves an upload that a later start removes.</summary>
    public static async Task<S3Parts> BeginAsync(S3Calls calls, string bucket, string key, CancellationToken cancellationToken)
    {
        var begun = await calls.QuickAsync(
            (s3, token) => s3.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = bucket, Key = key }, token), cancellationToken);
        return new S3Parts(calls, bucket, key, begun.UploadId);
    }

    /// <summary>Sends the next part from memory.</summary>
    public async Task SendAsync(ArraySegment<byte> bytes, CancellationToken cancellationToken)
    {
        var number = _parts.Count + 1;
        var sent = await _calls.TransferAsync(
            (s3, token) => s3.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = _bucket,
                    Key = _key,
                    UploadId = _uploadId,
                    PartNumber = number,
                    PartSize = bytes.Count,
                    InputStream = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false),
                    UseChunkEncoding = false, // signed as a whole: every S3 understands it, and it is in memory anyway
                },
                token),
            cancellationToken);
        _parts.Add(new PartETag(number, sent.ETag));
    }

    /// <summary>Takes the next part from another object; both offsets are part of it.</summary>
    public async Task CopyAsync(string source, long first, long last, CancellationToken cancellationToken)
    {
        var number = _parts.Count + 1;
        var request = new CopyPartRequest
        {
            SourceBucket = _bucket,
            SourceKey = source,
            FirstByte = first,
            LastByte = last,
            DestinationBucket = _bucket,
            DestinationKey = _key,
            UploadId = _uploadId,
            PartNumber = number,
        };
        var copied = await _calls.CopyAsync((s3, token) => s3.CopyPartAsync(request, token), cancellationToken);
        _parts.Add(new PartETag(number, copied.ETag));
    }

    /// <summary>Makes the object appear.</summary>
    public Task CompleteAsync(CancellationToken cancellationToken) =>
        _calls.CopyAsync(
            async (s3, token) =>
            {
                try
                {
                    await s3.CompleteMultipartUploadAsync(
                        new CompleteMultipartUploadRequest { BucketName = _bucket, Key = _key, UploadId = _uploadId, PartETags = _parts }, token);
                }
                catch (AmazonS3Exception done) when (done.ErrorCode == "NoSuchUpload")
                {
                    // An attempt whose answer was lost has completed it. Were it otherwise, whoever uses the object would find none.
                }

                return true;
            },
            cancellationToken);

    /// <summary>Gives it up. What cannot be removed now is removed by a later start: what is being reported is worth more.</summary>
    public async Task AbortAsync()
    {
        try
        {
            await _calls.OnceAsync(
                (s3, token) => s3.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = _bucket, Key = _key, UploadId = _uploadId }, token),
                CancellationToken.None);
        }
        catch (BlobStoreException)
        {
            // See above.
        }
    }
}
