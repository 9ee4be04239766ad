using System.Net;
using System.Runtime.CompilerServices;

using Amazon.S3;
using Amazon.S3.Model;

namespace Registry.StorageService.Blobs.S3;

/// <summary>What is in the bucket: size and time of an object, and listings.</summary>
internal sealed class S3Objects(S3Calls calls, string bucket)
{
    /// <summary>Size and time of an object; null when the server knows no such key, or no such bucket: HEAD cannot tell.</summary>
    public Task<(long SizeBytes, DateTimeOffset ModifiedAt)?> HeadAsync(string key, CancellationToken cancellationToken) =>
        calls.QuickAsync<(long, DateTimeOffset)?>(
            async (s3, token) =>
            {
                try
                {
                    var head = await s3.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = bucket, Key = key }, token);
                    return (head.ContentLength, AsUtc(head.LastModified));
                }
                catch (AmazonS3Exception absent) when (absent.StatusCode == HttpStatusCode.NotFound)
                {
                    return null;
                }
            },
            cancellationToken);

    /// <summary>Fails unless the bucket is there: a bucket that is gone must not answer "no such blob".</summary>
    /// <exception cref="BlobStoreException">It is not, or cannot be asked.</exception>
    public Task EnsureBucketAsync(CancellationToken cancellationToken) =>
        calls.QuickAsync(
            (s3, token) => s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Prefix = S3Layout.Blobs, MaxKeys = 1 }, token),
            cancellationToken);

    /// <summary>Every object whose key begins with a prefix, in the order of their keys, a page at a time.</summary>
    public async IAsyncEnumerable<S3Object> ListAsync(
        string prefix, string? startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var request = new ListObjectsV2Request { BucketName = bucket, Prefix = prefix, StartAfter = next is null ? startAfter : null, ContinuationToken = next };
            var page = await calls.QuickAsync((s3, token) => s3.ListObjectsV2Async(request, token), cancellationToken);
            foreach (var found in page.S3Objects ?? [])
            {
                yield return found;
            }

            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    /// <summary>Stores a few bytes in one request.</summary>
    public Task PutMarkAsync(string key, CancellationToken cancellationToken) =>
        calls.QuickAsync(
            (s3, token) => s3.PutObjectAsync(
                new PutObjectRequest { BucketName = bucket, Key = key, InputStream = new MemoryStream(new byte[1]), UseChunkEncoding = false }, token),
            cancellationToken);

    /// <summary>Deletes an object that nobody else wants.</summary>
    public Task RemoveAsync(string key, CancellationToken cancellationToken) =>
        calls.QuickAsync((s3, token) => s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = key }, token), cancellationToken);

    /// <summary>The SDK gives local time, or none.</summary>
    public static DateTimeOffset AsUtc(DateTime? moment) => new(moment?.ToUniversalTime() ?? DateTime.UnixEpoch);
}
