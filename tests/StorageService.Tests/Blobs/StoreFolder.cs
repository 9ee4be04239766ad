using Microsoft.Extensions.Logging.Abstractions;

using Registry.StorageService.Blobs;

namespace Registry.StorageService.Tests.Blobs;

/// <summary>A folder of its own for a test, and stores on it.</summary>
internal sealed class StoreFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("registry-blobs-").FullName;

    public string Incoming => System.IO.Path.Combine(Path, "incoming");

    public StorageOptions Options => new() { Path = Path };

    /// <summary>A store as a starting process has it.</summary>
    public FileSystemBlobStore Open()
    {
        var store = new FileSystemBlobStore(
            Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System, NullLogger<FileSystemBlobStore>.Instance);
        store.Prepare();
        return store;
    }

    public string PathOf(BlobKey key) => System.IO.Path.Combine(Path, "blobs", "sha256", key.Hex[..2], key.Hex[2..4], key.Hex);

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
        else
        {
            File.Delete(Path);
        }
    }
}
