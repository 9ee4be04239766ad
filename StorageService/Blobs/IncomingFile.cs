using System.Security.Cryptography;

using Microsoft.Win32.SafeHandles;

namespace Registry.StorageService.Blobs;

/// <summary>
/// A blob on its way in: a temporary file that is hashed while it is written and disappears on disposal unless it was moved
/// away. Failures of the disk become <see cref="BlobStoreException"/> here, so they cannot be mistaken for failures of the content.
/// </summary>
internal sealed class IncomingFile : IDisposable
{
    /// <summary>Ending of the names of temporary files.</summary>
    public const string Extension = ".part";

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private IncomingFile(string path, SafeFileHandle handle)
    {
        _path = path;
        _handle = handle;
    }

    /// <summary>Bytes written so far.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Creates an empty one in a folder.</summary>
    /// <exception cref="BlobStoreException">The folder cannot be written.</exception>
    public static IncomingFile Create(string folder)
    {
        var path = Path.Combine(folder, $"{Guid.CreateVersion7():n}{Extension}");
        try
        {
            return new IncomingFile(path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Delete, FileOptions.Asynchronous));
        }
        catch (Exception failure) when (BlobStoreException.IsDiskFailure(failure))
        {
            throw BlobStoreException.From(failure);
        }
    }

    /// <summary>Adds bytes.</summary>
    /// <exception cref="BlobStoreException">The disk is full or cannot be written.</exception>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await RandomAccess.WriteAsync(_handle, bytes, SizeBytes, cancellationToken);
        }
        catch (Exception failure) when (BlobStoreException.IsDiskFailure(failure))
        {
            throw BlobStoreException.From(failure);
        }

        _hash.AppendData(bytes.Span);
        SizeBytes += bytes.Length;
    }

    /// <summary>The key of everything written.</summary>
    public BlobKey Finish() => BlobKey.FromDigest(_hash.GetHashAndReset());

    /// <summary>Puts the bytes on disk and then gives them their final name, replacing whatever has it.</summary>
    /// <exception cref="IOException">The disk is full or cannot be written.</exception>
    public void MoveTo(string path)
    {
        RandomAccess.FlushToDisk(_handle);
        File.Move(_path, path, overwrite: true);
    }

    public void Dispose()
    {
        _handle.Dispose();
        _hash.Dispose();
        try
        {
            File.Delete(_path); // after a move there is nothing by this name
        }
        catch (Exception failure) when (BlobStoreException.IsDiskFailure(failure))
        {
            // The start-up of the next process removes it; what is being reported is worth more than this.
        }
    }
}
