using System.Net;

using Amazon.Runtime;

namespace Registry.StorageService.Blobs;

/// <summary>The store cannot be used: it is full, gone, or closed to this process.</summary>
internal sealed class BlobStoreException : Exception
{
    private const int UnixNoSpace = 28; // ENOSPC
    private const int LinuxQuotaExceeded = 122; // EDQUOT
    private const int MacQuotaExceeded = 69; // EDQUOT
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    // What RGW, MinIO and others say when a quota or the disk behind them is used up; AWS has neither.
    private static readonly string[] FullCodes = ["QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"];

    private BlobStoreException(string message, bool isFull, Exception inner)
        : base(message, inner) => IsFull = isFull;

    /// <summary>There is no space left; everything else works.</summary>
    public bool IsFull { get; }

    /// <summary>It answers, and does not let this process do what it has to: waiting will not help.</summary>
    public bool IsRefused { get; private init; }

    /// <summary>True for what the operating system reports about files and folders.</summary>
    public static bool IsDiskFailure(Exception failure) => failure is IOException or UnauthorizedAccessException;

    /// <summary>Says what the failure means for the registry. The system's own text names paths, so it stays in the inner exception.</summary>
    public static BlobStoreException From(Exception failure) =>
        failure is IOException { HResult: UnixNoSpace or WindowsHandleDiskFull or WindowsDiskFull } || IsQuota(failure)
            ? new BlobStoreException("The registry's storage is full", isFull: true, failure)
            : new BlobStoreException("The registry's storage cannot be used right now; try again in a moment", isFull: false, failure);

    /// <summary>
    /// Says what a failure of S3 means for the registry: no space, no access, or no answer. The SDK's own text may name hosts and
    /// keys, so it stays in the inner exception, for the log.
    /// </summary>
    public static BlobStoreException FromS3(Exception failure) =>
        failure switch
        {
            AmazonServiceException full when IsFullS3(full) => new("The registry's storage is full", isFull: true, full),
            AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } =>
                new("The registry's storage refuses access; whoever operates the registry has to look at its credentials", isFull: false, failure) { IsRefused = true },
            _ => From(failure),
        };

    /// <summary>True when S3 says that there is no space.</summary>
    public static bool IsFullS3(AmazonServiceException failure) =>
        failure.StatusCode == HttpStatusCode.InsufficientStorage || FullCodes.Contains(failure.ErrorCode);

    private static bool IsQuota(Exception failure) =>
        failure is IOException && failure.HResult == (OperatingSystem.IsMacOS() ? MacQuotaExceeded : LinuxQuotaExceeded);
}
