using Registry.StorageService.Blobs;
using Registry.StorageService.Blobs.S3;
using Registry.StorageService.Tests.Ceph;

namespace Registry.StorageService.Tests.Blobs.S3;

public sealed class S3BlobStoreTests : BlobStoreContract, IAsyncLifetime
{
    private TestBucket? _bucket;
    private S3BlobStore? _store;

    private protected override IBlobStore Store => _store!;

    public async ValueTask InitializeAsync()
    {
        _bucket = await TestBucket.CreateAsync();
        _store = _bucket.Open();
    }

    public async ValueTask DisposeAsync()
    {
        if (_bucket is not null)
        {
            await _bucket.DisposeAsync();
        }
    }

    private protected override Task<int> CountUnfinishedAsync() => _bucket!.CountUnfinishedAsync();
}
