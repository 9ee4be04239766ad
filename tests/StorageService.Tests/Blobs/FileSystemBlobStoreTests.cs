using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using Registry.StorageService.Blobs;

namespace Registry.StorageService.Tests.Blobs;

public sealed class FileSystemBlobStoreTests : BlobStoreContract, IDisposable
{
    private readonly StoreFolder _folder = new();

    public FileSystemBlobStoreTests() => Store = _folder.Open();

    private protected override IBlobStore Store { get; }

    public void Dispose() => _folder.Dispose();

    private protected override Task<int> CountUnfinishedAsync() => Task.FromResult(Directory.GetFileSystemEntries(_folder.Incoming).Length);
}

public sealed class ObservedFileSystemBlobStoreTests : BlobStoreContract, IDisposable
{
    private readonly StoreFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public ObservedFileSystemBlobStoreTests() =>
        Store = new ObservedBlobStore(_folder.Open(), Options.Create(_folder.Options), _services.GetRequiredService<IMeterFactory>());

    private protected override IBlobStore Store { get; }

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    private protected override Task<int> CountUnfinishedAsync() => Task.FromResult(Directory.GetFileSystemEntries(_folder.Incoming).Length);
}
