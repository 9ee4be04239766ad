namespace Registry.Standalone.Folder;

/// <summary>
/// One process manages a data directory at a time. The lock is the operating system's, on an open file: it ends with the
/// process, however that ends, and servers do not inherit it.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes the lock; null when another process keeps it.</summary>
    public static async Task<FolderLock?> TryTakeAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                return new FolderLock(new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (UnauthorizedAccessException)
            {
                throw new RefusedException($"The data directory {folder.Root} belongs to another user.");
            }
            catch (IOException) when (deadline.IsCancellationRequested)
            {
                return null;
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
