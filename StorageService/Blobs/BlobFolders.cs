using System.Collections.Concurrent;

namespace Registry.StorageService.Blobs;

/// <summary>The folders a blob lies in, two deep, and that what is in them is found after a crash.</summary>
/// <param name="blobs">The folder of all blobs.</param>
internal sealed class BlobFolders(string blobs)
{
    private readonly ConcurrentDictionary<string, ValueTuple> _named = new(StringComparer.Ordinal); // whose names this process has synced: 65,792 at most

    /// <summary>Makes a blob's folder, and the one around it, where they are not there.</summary>
    /// <exception cref="IOException">It cannot be made, or the store is gone: an empty one in its place would say that no blob ever was.</exception>
    public void Make(string inner)
    {
        if (Directory.Exists(inner))
        {
            return;
        }

        if (!Directory.Exists(blobs))
        {
            throw new DirectoryNotFoundException("The folder of blobs is gone");
        }

        var outer = Path.GetDirectoryName(inner)!;
        _named.TryRemove(inner, out _);
        if (!Directory.Exists(outer))
        {
            _named.TryRemove(outer, out _);
        }

        Directory.CreateDirectory(inner);
    }

    /// <summary>Makes the names in a blob's folder survive a crash; and once, since they stay as they are whoever made them, those of its two folders.</summary>
    /// <exception cref="IOException">A folder cannot be synced.</exception>
    public void Sync(string inner)
    {
        FolderSync.Sync(inner);
        if (_named.ContainsKey(inner))
        {
            return;
        }

        var outer = Path.GetDirectoryName(inner)!;
        FolderSync.Sync(outer);
        if (!_named.ContainsKey(outer))
        {
            FolderSync.Sync(blobs);
            _named[outer] = default;
        }

        _named[inner] = default;
    }
}
