using System.ComponentModel.DataAnnotations;

namespace Registry.StorageService.Blobs;

/// <summary>Where blobs are kept and how large one may be.</summary>
internal sealed class StorageOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Storage";

    /// <summary>The folder that holds the blobs; made when it is missing. One file system, so that a finished upload can be renamed into place.</summary>
    [Required(ErrorMessage = "Storage:Path is missing: the folder in which StorageService keeps the bytes of packages.")]
    public string Path { get; set; } = "";

    /// <summary>Largest blob accepted, in bytes; larger ones are 413. Default 1 GiB: more than the largest tarball that may be published.</summary>
    [Range(1, long.MaxValue, ErrorMessage = "Storage:MaxBlobBytes must be at least 1.")]
    public long MaxBlobBytes { get; set; } = 1L << 30;
}
