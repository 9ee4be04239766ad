using System.ComponentModel.DataAnnotations;

namespace Registry.StorageService.Blobs;

/// <summary>Where blobs are kept and how large one may be.</summary>
internal sealed class StorageOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Storage";

    /// <summary>
    /// The folder that holds the blobs; made when it is missing. One file system, so that a finished upload can be renamed into place. Not
    /// used, and not needed, when <c>ConnectionStrings:s3</c> is set.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>Largest blob accepted, in bytes; larger ones are 413. Default 1 GiB: more than the largest tarball that may be published.</summary>
    [Range(1, long.MaxValue, ErrorMessage = "Storage:MaxBlobBytes must be at least 1.")]
    public long MaxBlobBytes { get; set; } = 1L << 30;

    /// <summary>What holds for an S3 store alone.</summary>
    public S3DownloadOptions S3 { get; set; } = new();
}

/// <summary>Whether S3 itself sends the bytes that anybody may read.</summary>
internal sealed class S3DownloadOptions
{
    /// <summary>Longest that a signature of S3's version 4 can hold.</summary>
    private static readonly TimeSpan MostLifetime = TimeSpan.FromDays(7);

    /// <summary>Sends anonymous downloads of public packages to S3 with a presigned URL. Off by default: clients must be able to reach it.</summary>
    public bool PresignedRedirects { get; set; }

    /// <summary>How long such a URL works. Default 5 minutes: long enough to begin a download, too short to pass it on.</summary>
    public TimeSpan PresignedLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The lifetime is one that S3 accepts.</summary>
    public bool HasValidLifetime => PresignedLifetime >= TimeSpan.FromSeconds(1) && PresignedLifetime <= MostLifetime;
}
