using Amazon.S3;
using Amazon.S3.Model;

namespace Registry.StorageService.Blobs.S3;

/// <summary>
/// What a store needs before its first blob: the bucket, and that nothing lies about which a process that stopped has left behind. An
/// S3 that refuses stops the service with a sentence; one that does not answer leaves it running, not ready, and asking again.
/// </summary>
internal sealed partial class S3Preparation(
    S3Connection connection, S3Settings settings, S3Limits limits, TimeProvider clock, ILogger<S3Preparation> logger) : BackgroundService
{
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly S3Calls _calls = new(connection.Client, limits);

    /// <summary>Makes the bucket when it is missing and removes uploads and marks older than an hour.</summary>
    /// <exception cref="InvalidOperationException">S3 refuses; the sentence says what.</exception>
    /// <exception cref="BlobStoreException">S3 does not answer.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await EnsureBucketAsync(cancellationToken);
            await RemoveAbandonedAsync(cancellationToken);
        }
        catch (BlobStoreException refused) when (refused.IsRefused || refused.InnerException is AmazonS3Exception { StatusCode: < System.Net.HttpStatusCode.InternalServerError and not 0 })
        {
            throw new InvalidOperationException(
                $"The bucket '{settings.Bucket}' at {settings.Endpoint.GetLeftPart(UriPartial.Authority)} (ConnectionStrings:{S3Settings.ConnectionName}) cannot be used: "
                + $"{((Amazon.Runtime.AmazonServiceException)refused.InnerException!).ErrorCode}, {refused.InnerException.Message.TrimEnd('.')}. It must exist, or the keys must be allowed to make it; "
                + "they need to list it and to read, write and delete in it.",
                refused);
        }
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PrepareAsync(cancellationToken);
        }
        catch (BlobStoreException away)
        {
            LogAway(away);
            await base.StartAsync(cancellationToken);
        }
    }

    /// <summary>Runs only when S3 did not answer at start.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var pause = TimeSpan.FromSeconds(1); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            await Task.Delay(pause, clock, stoppingToken);
            try
            {
                await PrepareAsync(stoppingToken);
                LogBack();
                return;
            }
            catch (Exception still) when (still is BlobStoreException or InvalidOperationException)
            {
                LogAway(still);
            }
        }
    }

    private async Task EnsureBucketAsync(CancellationToken cancellationToken)
    {
        if (await IsThereAsync(cancellationToken))
        {
            return;
        }

        var made = await _calls.TransferAsync(
            async (s3, token) =>
            {
                try
                {
                    await s3.PutBucketAsync(new PutBucketRequest { BucketName = settings.Bucket, BucketRegionName = settings.Region == "us-east-1" ? null : settings.Region }, token);
                    return true;
                }
                catch (AmazonS3Exception race) when (race.ErrorCode is "BucketAlreadyOwnedByYou")
                {
                    return false; // another replica was faster
                }
            },
            cancellationToken);
        if (made)
        {
            LogMade(settings.Bucket);
        }
    }

    private Task<bool> IsThereAsync(CancellationToken cancellationToken) =>
        _calls.QuickAsync(
            async (s3, token) =>
            {
                try
                {
                    await s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = settings.Bucket, MaxKeys = 1 }, token);
                    return true;
                }
                catch (AmazonS3Exception absent) when (absent.ErrorCode == "NoSuchBucket")
                {
                    return false;
                }
            },
            cancellationToken);

    private async Task RemoveAbandonedAsync(CancellationToken cancellationToken)
    {
        var limit = clock.GetUtcNow() - AbandonedAfter;
        var objects = new S3Objects(_calls, settings.Bucket);
        foreach (var prefix in (string[])[S3Layout.Incoming, S3Layout.Deleting])
        {
            await foreach (var found in objects.ListAsync(prefix, null, cancellationToken))
            {
                if (S3Objects.AsUtc(found.LastModified) < limit)
                {
                    await objects.RemoveAsync(found.Key, cancellationToken);
                    LogAbandoned(found.Key);
                }
            }
        }

        await AbortAbandonedAsync(limit, cancellationToken);
    }

    private async Task AbortAbandonedAsync(DateTimeOffset limit, CancellationToken cancellationToken)
    {
        var request = new ListMultipartUploadsRequest { BucketName = settings.Bucket };
        ListMultipartUploadsResponse page;
        do
        {
            page = await _calls.QuickAsync((s3, token) => s3.ListMultipartUploadsAsync(request, token), cancellationToken);
            foreach (var upload in (page.MultipartUploads ?? []).Where(upload => S3Objects.AsUtc(upload.Initiated) < limit))
            {
                await AbortAsync(upload, cancellationToken);
                LogAbandoned(upload.Key);
            }

            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
        while (page.IsTruncated == true);
    }

    private Task<bool> AbortAsync(MultipartUpload upload, CancellationToken cancellationToken) =>
        _calls.QuickAsync(
            async (s3, token) =>
            {
                try
                {
                    await s3.AbortMultipartUploadAsync(
                        new AbortMultipartUploadRequest { BucketName = settings.Bucket, Key = upload.Key, UploadId = upload.UploadId }, token);
                    return true;
                }
                catch (AmazonS3Exception gone) when (gone.ErrorCode == "NoSuchUpload")
                {
                    return false; // another replica was faster
                }
            },
            cancellationToken);

    [LoggerMessage(LogLevel.Warning, "S3 cannot be used yet; the service is not ready and asks again")]
    private partial void LogAway(Exception failure);

    [LoggerMessage(LogLevel.Information, "S3 answers")]
    private partial void LogBack();

    [LoggerMessage(LogLevel.Information, "Made the bucket {Bucket}")]
    private partial void LogMade(string bucket);

    [LoggerMessage(LogLevel.Information, "Removed {ObjectKey}, left by a process that had stopped")]
    private partial void LogAbandoned(string objectKey);
}
