using System.Security.Cryptography;

using Registry.StorageService.Blobs;

namespace Registry.StorageService.Features.Copying;

/// <summary>
/// Copies every blob of one store into another. Both are listed side by side in the order of their digests, and what the other has in the
/// same size is skipped: a copy that was interrupted goes on where it stopped. The digest is checked while a blob is copied.
/// </summary>
internal sealed class CopyBlobs(IBlobStore from, IBlobStore to, bool verify, Action<BlobCopyProgress> report)
{
    private const int AtOnce = 4; // enough to hide the round trips of small blobs, few enough to need little memory
    private const int BufferBytes = 128 * 1024;

    private readonly Lock _gate = new();
    private BlobCopyProgress _progress = new();

    /// <summary>Copies.</summary>
    /// <returns>What was done; a blob that could not be copied is counted, and the others are copied nevertheless.</returns>
    /// <exception cref="BlobStoreException">A store cannot be listed.</exception>
    public async Task<BlobCopyProgress> ExecuteAsync(CancellationToken cancellationToken)
    {
        var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(PairsAsync(cancellationToken), limits, async (pair, token) => await HandleAsync(pair.Blob, pair.IsThere, token));
        return _progress;
    }

    /// <summary>Every blob of the source, and whether the target has one like it.</summary>
    private async IAsyncEnumerable<(BlobInfo Blob, bool IsThere)> PairsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var there = to.ListAsync(null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var hasMore = await there.MoveNextAsync();
        await foreach (var blob in from.ListAsync(null, cancellationToken))
        {
            while (hasMore && string.CompareOrdinal(there.Current.Key.Hex, blob.Key.Hex) < 0)
            {
                hasMore = await there.MoveNextAsync();
            }

            yield return (blob, hasMore && there.Current.Key == blob.Key && there.Current.SizeBytes == blob.SizeBytes);
        }
    }

    private async Task HandleAsync(BlobInfo blob, bool isThere, CancellationToken cancellationToken)
    {
        var fault = await TryAsync(
            async () =>
            {
                var wrong = isThere ? null : await CopyAsync(blob, cancellationToken);
                return wrong ?? (verify ? await VerifyAsync(blob, cancellationToken) : null);
            },
            cancellationToken);
        lock (_gate)
        {
            _progress = fault is not null ? _progress with { Failed = _progress.Failed + 1, LastFault = $"{blob.Key}: {fault}" }
                : isThere ? _progress with { Skipped = _progress.Skipped + 1 }
                : _progress with { Copied = _progress.Copied + 1, CopiedBytes = _progress.CopiedBytes + blob.SizeBytes };
            report(_progress);
        }
    }

    /// <summary>A failure of one blob is that blob's; where the store is gone, all the others say so too.</summary>
    private static async Task<string?> TryAsync(Func<Task<string?>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (failure is BlobStoreException or IOException && !cancellationToken.IsCancellationRequested)
        {
            return failure.Message;
        }
    }

    private async Task<string?> CopyAsync(BlobInfo blob, CancellationToken cancellationToken)
    {
        await using var content = await from.OpenReadAsync(blob.Key, 0, cancellationToken);
        if (content is null)
        {
            return "it was removed from the source meanwhile";
        }

        return await to.PutAsync(content, blob.Key, cancellationToken) is PutOutcome.DigestMismatch(_, var actual)
            ? $"its bytes in the source are damaged, they have the digest {actual}"
            : null;
    }

    private async Task<string?> VerifyAsync(BlobInfo blob, CancellationToken cancellationToken)
    {
        await using var content = await to.OpenReadAsync(blob.Key, 0, cancellationToken);
        if (content is null)
        {
            return "it is not in the target after it was copied";
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        while (await content.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        return BlobKey.FromDigest(hash.GetHashAndReset()) == blob.Key ? null : "its bytes in the target are damaged";
    }
}
