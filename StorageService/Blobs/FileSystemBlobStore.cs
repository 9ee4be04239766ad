using System.Buffers;
using System.Runtime.CompilerServices;

using Microsoft.Extensions.Options;

using Registry.Contracts.Http.Storage;

namespace Registry.StorageService.Blobs;

/// <summary>
/// Blobs as files. An upload is written and hashed under <c>incoming/</c>, synced, renamed to its final path, and the folders on that
/// path are synced: a crash at any point leaves either the whole blob or a temporary file that a later start removes. The lease
/// is the file's modification time. Several processes may share the folder.
/// </summary>
internal sealed partial class FileSystemBlobStore(
    IOptions<StorageOptions> options, TimeProvider clock, ILogger<FileSystemBlobStore> logger) : IBlobStore
{
    private const int BufferBytes = 128 * 1024;
    private const string AsideExtension = ".aside";
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    private readonly string _root = Path.GetFullPath(options.Value.Path);
    private readonly string _blobs = BlobFiles.FolderIn(options.Value.Path);
    private readonly BlobFolders _folders = new(BlobFiles.FolderIn(options.Value.Path));
    private readonly string _incoming = Path.GetFullPath(Path.Combine(options.Value.Path, "incoming"));

    /// <summary>Makes the folders and removes temporary files nobody has written to for an hour: their process is gone.</summary>
    /// <exception cref="InvalidOperationException">The configured folder cannot be used.</exception>
    public void Prepare()
    {
        try
        {
            Directory.CreateDirectory(_blobs);
            Directory.CreateDirectory(_incoming);
            FolderSync.Sync(Path.GetDirectoryName(_blobs)!);
            FolderSync.Sync(_root);
            RestoreAside();
            RemoveAbandoned();
        }
        catch (Exception failure) when (BlobStoreException.IsDiskFailure(failure))
        {
            throw new InvalidOperationException($"The folder '{_root}' (Storage:Path) cannot be used: {failure.Message}", failure);
        }
    }

    public Task<BlobInfo?> StatAsync(BlobKey key, CancellationToken cancellationToken) =>
        Task.FromResult(OnDisk(() => Stat(key, PathOf(key))));

    public Task<Stream?> OpenReadAsync(BlobKey key, long offset, CancellationToken cancellationToken) =>
        OnDisk(() => Task.FromResult<Stream?>(Open(key, offset)));

    public async Task<PutOutcome> PutAsync(Stream content, BlobKey? expected, CancellationToken cancellationToken)
    {
        using var incoming = IncomingFile.Create(_incoming);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await content.ReadAsync(buffer.AsMemory(0, BufferBytes), cancellationToken)) > 0)
            {
                await incoming.AppendAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var key = incoming.Finish();
        return expected is not null && expected != key
            ? new PutOutcome.DigestMismatch(expected, key)
            : OnDisk(() => Appear(incoming, key));
    }

    public Task<bool> DeleteAsync(BlobKey key, DateTimeOffset leasedBefore, CancellationToken cancellationToken) =>
        Task.FromResult(OnDisk(() => Delete(key, leasedBefore)));

    public async IAsyncEnumerable<BlobInfo> ListAsync(
        BlobKey? startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var outer in OnDisk(() => FoldersFrom(_blobs, startAfter?.Hex[..2])))
        {
            var isFirst = Path.GetFileName(outer) == startAfter?.Hex[..2];
            foreach (var inner in OnDisk(() => FoldersFrom(outer, isFirst ? startAfter!.Hex[2..4] : null)))
            {
                await Task.Yield(); // a listing is long and must not keep a thread
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var blob in OnDisk(() => BlobsIn(inner, startAfter)))
                {
                    yield return blob;
                }
            }
        }
    }

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        using var incoming = IncomingFile.Create(_incoming);
        await incoming.AppendAsync(new byte[1], cancellationToken);
    }

    public ValueTask<Uri?> GetDownloadUriAsync(BlobKey key, TimeSpan lifetime, CancellationToken cancellationToken) => ValueTask.FromResult<Uri?>(null);

    private static T OnDisk<T>(Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (Exception failure) when (BlobStoreException.IsDiskFailure(failure))
        {
            throw BlobStoreException.From(failure);
        }
    }

    private BlobInfo? Stat(BlobKey key, string path)
    {
        try
        {
            var file = new FileInfo(path);
            return new BlobInfo(key, file.Length, file.LastWriteTimeUtc); // the length throws what Exists would hide
        }
        catch (Exception absent) when (IsAbsence(absent))
        {
            return null;
        }
    }

    private static List<string> FoldersFrom(string parent, string? first) =>
        [.. Directory.EnumerateDirectories(parent)
            .Where(folder => first is null || string.CompareOrdinal(Path.GetFileName(folder), first) >= 0)
            .Order(StringComparer.Ordinal)];

    private List<BlobInfo> BlobsIn(string folder, BlobKey? startAfter) =>
        [.. Directory.EnumerateFiles(folder)
            .Select(path => BlobKey.FromHex(Path.GetFileName(path)) is { } key ? Stat(key, path) : null)
            .OfType<BlobInfo>()
            .Where(blob => startAfter is null || string.CompareOrdinal(blob.Key.Hex, startAfter.Hex) > 0)
            .OrderBy(blob => blob.Key.Hex, StringComparer.Ordinal)];

    private string PathOf(BlobKey key) => BlobFiles.PathOf(_blobs, key.Hex);

    /// <summary>A missing file means a missing blob only while the store itself is there: a disk that is gone must not answer "no such blob".</summary>
    private bool IsAbsence(Exception failure) =>
        failure is FileNotFoundException or DirectoryNotFoundException && Directory.Exists(_blobs);

    private FileStream? Open(BlobKey key, long offset)
    {
        try
        {
            var file = new FileStream(PathOf(key), new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                BufferSize = 0, // whoever reads brings a buffer
            });
            file.Position = offset;
            return file;
        }
        catch (Exception absent) when (IsAbsence(absent))
        {
            return null;
        }
    }

    private PutOutcome Appear(IncomingFile incoming, BlobKey key)
    {
        var path = PathOf(key);
        var inner = Path.GetDirectoryName(path)!;
        var isNew = !File.Exists(path) || !TryRenewLease(key, path, incoming.SizeBytes); // asked first: most are new, and an exception costs more than a question
        if (isNew)
        {
            _folders.Make(inner);
            incoming.MoveTo(path);
        }

        // For a blob that was there too: whoever put it may not have come as far as this.
        _folders.Sync(inner);
        return isNew ? new PutOutcome.Stored(key, incoming.SizeBytes) : new PutOutcome.AlreadyStored(key, incoming.SizeBytes);
    }

    private bool TryRenewLease(BlobKey key, string path, long sizeBytes)
    {
        if (Stat(key, path)?.SizeBytes != sizeBytes)
        {
            return false; // absent, or damaged: another length cannot have this digest, and the new copy replaces it
        }

        try
        {
            File.SetLastWriteTimeUtc(path, clock.GetUtcNow().UtcDateTime);
            return true;
        }
        catch (Exception absent) when (IsAbsence(absent))
        {
            return false;
        }
    }

    /// <summary>
    /// Takes the file away first and looks at its lease then. A put that renewed it before that is seen, and the file goes back; a
    /// put that comes after finds no file and stores its own copy. No lock, so it holds between processes too.
    /// </summary>
    private bool Delete(BlobKey key, DateTimeOffset leasedBefore)
    {
        var path = PathOf(key);
        if (Stat(key, path) is not { } seen || seen.LeasedAt >= leasedBefore)
        {
            return false;
        }

        var aside = Path.Combine(_incoming, $"{key.Hex}.{Guid.CreateVersion7():n}{AsideExtension}"); // two deletes of one blob must not meet here
        try
        {
            File.Move(path, aside);
        }
        catch (FileNotFoundException)
        {
            return false; // another process was faster
        }

        if (Stat(key, aside) is { } moved && moved.LeasedAt >= leasedBefore)
        {
            File.Move(aside, path, overwrite: true);
            FolderSync.Sync(Path.GetDirectoryName(path)!);
            return false;
        }

        File.Delete(aside);
        return true;
    }

    /// <summary>A process that died inside <see cref="Delete"/> may have left a blob whose lease was renewed: it goes back, and a later collection decides.</summary>
    private void RestoreAside()
    {
        foreach (var aside in Directory.EnumerateFiles(_incoming, "*" + AsideExtension))
        {
            if (BlobKey.FromHex(Path.GetFileName(aside).Split('.')[0]) is { } key && Stat(key, PathOf(key)) is null)
            {
                File.Move(aside, PathOf(key));
                FolderSync.Sync(Path.GetDirectoryName(PathOf(key))!);
            }
        }
    }

    private void RemoveAbandoned()
    {
        var limit = clock.GetUtcNow().UtcDateTime - AbandonedAfter;
        foreach (var file in new DirectoryInfo(_incoming).EnumerateFiles("*" + IncomingFile.Extension))
        {
            if (file.LastWriteTimeUtc < limit)
            {
                file.Delete();
                LogAbandoned(file.Name);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Removed {FileName}, an upload whose process had stopped")]
    private partial void LogAbandoned(string fileName);
}
