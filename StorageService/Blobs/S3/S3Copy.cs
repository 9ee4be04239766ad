using Amazon.S3.Model;

namespace Registry.StorageService.Blobs.S3;

/// <summary>Copies an object within S3, where its bytes do not pass through us. The destination appears whole, in one moment.</summary>
internal sealed class S3Copy(S3Calls calls, string bucket, S3Limits limits)
{
    /// <summary>Copies; what was at the destination is replaced.</summary>
    /// <exception cref="BlobStoreException">It could not be copied; the destination is as it was.</exception>
    public Task CopyAsync(string source, string destination, long sizeBytes, CancellationToken cancellationToken) =>
        sizeBytes <= limits.CopyAtOnceBytes
            ? CopyAtOnceAsync(source, destination, cancellationToken)
            : CopyInPartsAsync(source, destination, sizeBytes, cancellationToken);

    private Task<CopyObjectResponse> CopyAtOnceAsync(string source, string destination, CancellationToken cancellationToken)
    {
        var request = new CopyObjectRequest { SourceBucket = bucket, SourceKey = source, DestinationBucket = bucket, DestinationKey = destination };
        return calls.CopyAsync((s3, token) => s3.CopyObjectAsync(request, token), cancellationToken);
    }

    private async Task CopyInPartsAsync(string source, string destination, long sizeBytes, CancellationToken cancellationToken)
    {
        var upload = await S3Parts.BeginAsync(calls, bucket, destination, cancellationToken);
        try
        {
            for (long first = 0; first < sizeBytes; first += limits.CopyPartBytes)
            {
                await upload.CopyAsync(source, first, Math.Min(first + limits.CopyPartBytes, sizeBytes) - 1, cancellationToken);
            }

            await upload.CompleteAsync(cancellationToken);
        }
        catch
        {
            await upload.AbortAsync();
            throw;
        }
    }
}
