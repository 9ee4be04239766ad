using System.ComponentModel.DataAnnotations;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing;

/// <summary>What a new scoped package is when its publisher did not say.</summary>
internal enum DefaultScopedAccess
{
    /// <summary>Only its maintainers read it.</summary>
    Restricted,

    /// <summary>Everyone reads it.</summary>
    Public,
}

/// <summary>Limits and defaults of publishing: configuration section <c>Publishing</c>.</summary>
internal sealed class PublishingOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Publishing";

    /// <summary>The largest tarball, in bytes. A larger one is 413. Default: 512 MiB.</summary>
    [Range(1, long.MaxValue)]
    public long MaxTarballBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>The largest body of a batch of publishes, in bytes. A larger one is 413. Default: 1 GiB.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxBatchBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>The largest publish document without its tarball, or all those of a batch together, in bytes. A larger one is 413. Default: 16 MiB.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxDocumentBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>The most entries a tarball may have. Default: 100,000.</summary>
    [Range(1, int.MaxValue)]
    public int MaxEntries { get; set; } = 100_000;

    /// <summary>The most bytes a tarball may unpack to, headers included. Default: 4 GiB.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxUnpackedBytes { get; set; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Which names new packages may take: <c>Strict</c> (default) or <c>Legacy</c>.</summary>
    public NewNames NewNames { get; set; } = NewNames.Strict;

    /// <summary>What a new scoped package is when its publisher did not say: <c>Restricted</c> (default) or <c>Public</c>.</summary>
    public DefaultScopedAccess DefaultScopedAccess { get; set; } = DefaultScopedAccess.Restricted;
}
