using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;

using Amazon.S3;
using Amazon.S3.Model;

namespace Registry.StorageService.Blobs.S3;

/// <summary>
/// Blobs as objects of an S3 bucket (docs/adr/0010-blobs-in-s3.md). Nothing lies at a blob's key before its digest is known, and every put
/// ends by writing the whole object there in one request: that makes it appear, renews its lease, which is the object's time, and
/// mends it when it was damaged. Several processes may share the bucket.
/// </summary>
internal sealed class S3BlobStore : IBlobStore
{
    private const int WritesPerPut = 3;

    private readonly IAmazonS3 _client;
    private readonly string _bucket;
    private readonly S3Limits _limits;
    private readonly S3Calls _calls;
    private readonly S3Objects _objects;
    private readonly S3Deletion _deletion;
    private readonly TimeProvider _clock;

    /// <summary>A store in a bucket that is there.</summary>
    public S3BlobStore(IAmazonS3 client, string bucket, S3Limits limits, TimeProvider clock)
    {
        _client = client;
        _bucket = bucket;
        _limits = limits;
        _clock = clock;
        _calls = new S3Calls(client, limits);
        _objects = new S3Objects(_calls, bucket);
        _deletion = new S3Deletion(_calls, _objects, bucket, limits, clock);
    }

    public async Task<BlobInfo?> StatAsync(BlobKey key, CancellationToken cancellationToken)
    {
        if (await _objects.HeadAsync(S3Layout.KeyOf(key), cancellationToken) is { } found)
        {
            return new BlobInfo(key, found.SizeBytes, found.ModifiedAt);
        }

        await _objects.EnsureBucketAsync(cancellationToken);
        return null;
    }

    public async Task<Stream?> OpenReadAsync(BlobKey key, long offset, CancellationToken cancellationToken)
    {
        var answer = await GetAsync(key, offset, cancellationToken);
        return answer is null
            ? await StatAsync(key, cancellationToken) is null ? null : Stream.Null // there, and nothing behind the offset
            : new S3ReadStream(answer, offset, (position, token) => GetAsync(key, position, token), _limits.Stall);
    }

    public async Task<PutOutcome> PutAsync(Stream content, BlobKey? expected, CancellationToken cancellationToken)
    {
        await using var upload = new S3Upload(_calls, _bucket, _limits);
        var key = await upload.ReceiveAsync(content, cancellationToken);
        return expected is not null && expected != key
            ? new PutOutcome.DigestMismatch(expected, key)
            : await AppearAsync(upload, key, cancellationToken);
    }

    public Task<bool> DeleteAsync(BlobKey key, DateTimeOffset leasedBefore, CancellationToken cancellationToken) =>
        _deletion.DeleteAsync(key, leasedBefore, cancellationToken);

    public async IAsyncEnumerable<BlobInfo> ListAsync(
        BlobKey? startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in _objects.ListAsync(S3Layout.Blobs, startAfter is null ? null : S3Layout.KeyOf(startAfter), cancellationToken))
        {
            if (S3Layout.BlobAt(found.Key) is { } key)
            {
                yield return new BlobInfo(key, found.Size ?? 0, S3Objects.AsUtc(found.LastModified));
            }
        }
    }

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var mark = S3Layout.NewIncoming();
        await _objects.PutMarkAsync(mark, cancellationToken);
        await _objects.RemoveAsync(mark, cancellationToken);
    }

    public async ValueTask<Uri?> GetDownloadUriAsync(BlobKey key, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var request = new GetPreSignedUrlRequest
        {
            BucketName = _bucket,
            Key = S3Layout.KeyOf(key),
            Verb = HttpVerb.GET,
            Expires = (_clock.GetUtcNow() + lifetime).UtcDateTime,
            Protocol = _client.Config.ServiceURL.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? Protocol.HTTPS : Protocol.HTTP,
        };
        return new Uri(await _client.GetPreSignedURLAsync(request).WaitAsync(cancellationToken));
    }

    private async Task<PutOutcome> AppearAsync(S3Upload upload, BlobKey key, CancellationToken cancellationToken)
    {
        var wasThere = (await _objects.HeadAsync(S3Layout.KeyOf(key), cancellationToken))?.SizeBytes == upload.SizeBytes;
        for (var write = 0; write < WritesPerPut; write++)
        {
            await upload.WriteToAsync(S3Layout.KeyOf(key), cancellationToken);
            if (await _deletion.WasSparedAsync(key, upload.SizeBytes, cancellationToken))
            {
                return wasThere ? new PutOutcome.AlreadyStored(key, upload.SizeBytes) : new PutOutcome.Stored(key, upload.SizeBytes);
            }
        }

        throw BlobStoreException.FromS3(new IOException($"{key} was written {WritesPerPut} times and is not there."));
    }

    /// <summary>The answer to GET; null when there is no such object, or no byte of it behind the offset.</summary>
    private Task<GetObjectResponse?> GetAsync(BlobKey key, long offset, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = _bucket, Key = S3Layout.KeyOf(key) };
        if (offset > 0)
        {
            request.ByteRange = new ByteRange(string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-"));
        }

        return _calls.TransferAsync<GetObjectResponse?>(
            async (s3, token) =>
            {
                try
                {
                    return InRange(await s3.GetObjectAsync(request, token), offset);
                }
                catch (AmazonS3Exception absent) when (absent.ErrorCode == "NoSuchKey" || absent.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    return null;
                }
            },
            cancellationToken);
    }

    /// <summary>A server that ignores the range would give the wrong bytes.</summary>
    private static GetObjectResponse InRange(GetObjectResponse answer, long offset)
    {
        if (offset == 0 || answer.ContentRange?.StartsWith(string.Create(CultureInfo.InvariantCulture, $"bytes {offset}-"), StringComparison.Ordinal) == true)
        {
            return answer;
        }

        answer.Dispose();
        throw new IOException("S3 answered another range than it was asked for.");
    }
}
