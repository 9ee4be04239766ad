namespace Registry.StorageService.Blobs;

/// <summary>The store cannot be used: its disk is full, gone, or closed to this process.</summary>
internal sealed class BlobStoreException : Exception
{
    private const int UnixNoSpace = 28; // ENOSPC
    private const int LinuxQuotaExceeded = 122; // EDQUOT
    private const int MacQuotaExceeded = 69; // EDQUOT
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    private BlobStoreException(string message, bool isFull, Exception inner)
        : base(message, inner) => IsFull = isFull;

    /// <summary>There is no space left; everything else works.</summary>
    public bool IsFull { get; }

    /// <summary>True for what the operating system reports about files and folders.</summary>
    public static bool IsDiskFailure(Exception failure) => failure is IOException or UnauthorizedAccessException;

    /// <summary>Says what the failure means for the registry. The system's own text names paths, so it stays in the inner exception.</summary>
    public static BlobStoreException From(Exception failure) =>
        failure is IOException { HResult: UnixNoSpace or WindowsHandleDiskFull or WindowsDiskFull } || IsQuota(failure)
            ? new BlobStoreException("The registry's storage is full", isFull: true, failure)
            : new BlobStoreException("The registry's storage cannot be used right now; try again in a moment", isFull: false, failure);

    private static bool IsQuota(Exception failure) =>
        failure is IOException && failure.HResult == (OperatingSystem.IsMacOS() ? MacQuotaExceeded : LinuxQuotaExceeded);
}
