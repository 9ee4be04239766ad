using Registry.StorageService.Blobs;
using Registry.StorageService.Blobs.S3;
using Registry.StorageService.Tests.Ceph;

namespace Registry.StorageService.Tests.Blobs.S3;

/// <summary>A test with a bucket of its own.</summary>
public abstract class S3TestBase : IAsyncLifetime
{
    private TestBucket? _bucket;

    /// <summary>Parts as small as S3 allows.</summary>
    private protected static S3Limits SmallParts { get; } = new() { PartBytes = 5 << 20 };

    /// <summary>So impatient that a test need not wait.</summary>
    private protected static S3Limits Impatient { get; } = new()
    {
        PartBytes = 5 << 20,
        Quick = TimeSpan.FromSeconds(1),
        Transfer = TimeSpan.FromSeconds(1),
        Copy = TimeSpan.FromSeconds(1),
        Stall = TimeSpan.FromSeconds(1),
        DeletionPatience = TimeSpan.FromSeconds(1),
    };

    private protected TestBucket Bucket => _bucket!;

    public async ValueTask InitializeAsync() => _bucket = await TestBucket.CreateAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (_bucket is not null)
        {
            await _bucket.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected static Task<PutOutcome> PutAsync(S3BlobStore store, byte[] content) =>
        store.PutAsync(new MemoryStream(content, writable: false), null, default);

    private protected static async Task<List<BlobInfo>> ListAsync(S3BlobStore store)
    {
        var blobs = new List<BlobInfo>();
        await foreach (var blob in store.ListAsync(null, default))
        {
            blobs.Add(blob);
        }

        return blobs;
    }
}
