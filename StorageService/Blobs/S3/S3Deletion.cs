using Amazon.S3.Model;

namespace Registry.StorageService.Blobs.S3;

/// <summary>
/// Keeps a deletion and a put of one blob from losing it. S3 cannot delete "unless it changed since", so the two sides leave word:
/// a deletion first writes a mark, then looks at the lease, deletes, and removes the mark; a put first writes the blob, then
/// waits until there is no mark, and then looks whether the blob is still there. If the deletion looked before the put wrote, the put either
/// sees its mark or, when that is gone, the outcome. What remains is a DELETE that the network holds back for longer than a mark
/// counts: it is sent once, and its mark stays when its outcome is not known.
/// </summary>
internal sealed class S3Deletion(S3Calls calls, S3Objects objects, string bucket, S3Limits limits, TimeProvider clock)
{
    /// <summary>A mark older than this was left by a process that died.</summary>
    public static readonly TimeSpan MarkCounts = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The deleting side.</summary>
    /// <returns>True when the blob was there with an older lease, and is gone.</returns>
    public async Task<bool> DeleteAsync(BlobKey key, DateTimeOffset leasedBefore, CancellationToken cancellationToken)
    {
        if (!await IsDueAsync(key, leasedBefore, cancellationToken))
        {
            return false; // most that is asked about is decided without a mark
        }

        var mark = S3Layout.NewDeletion(key);
        await objects.PutMarkAsync(mark, cancellationToken);
        var isDue = await IsDueAsync(key, leasedBefore, cancellationToken);
        if (isDue)
        {
            await calls.OnceAsync(
                (s3, token) => s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = S3Layout.KeyOf(key) }, token), cancellationToken);
        }

        await objects.RemoveAsync(mark, CancellationToken.None);
        return isDue;
    }

    /// <summary>The putting side, to be asked after the blob was written.</summary>
    /// <returns>False when a deletion took the blob away: it has to be written again.</returns>
    /// <exception cref="BlobStoreException">A deletion of the blob does not come to its end.</exception>
    public async Task<bool> WasSparedAsync(BlobKey key, long sizeBytes, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        while (await IsMarkedAsync(key, cancellationToken))
        {
            if (clock.GetElapsedTime(since) > limits.DeletionPatience)
            {
                throw BlobStoreException.FromS3(new TimeoutException($"A deletion of {key} was begun and has not ended."));
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }

        return (await objects.HeadAsync(S3Layout.KeyOf(key), cancellationToken))?.SizeBytes == sizeBytes;
    }

    private async Task<bool> IsDueAsync(BlobKey key, DateTimeOffset leasedBefore, CancellationToken cancellationToken) =>
        await objects.HeadAsync(S3Layout.KeyOf(key), cancellationToken) is { } found && found.ModifiedAt < leasedBefore;

    private async Task<bool> IsMarkedAsync(BlobKey key, CancellationToken cancellationToken)
    {
        var limit = clock.GetUtcNow() - MarkCounts;
        await foreach (var mark in objects.ListAsync(S3Layout.DeletionsOf(key), null, cancellationToken))
        {
            if (S3Objects.AsUtc(mark.LastModified) > limit)
            {
                return true;
            }
        }

        return false;
    }
}
