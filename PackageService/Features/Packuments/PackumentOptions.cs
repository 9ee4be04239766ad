using System.ComponentModel.DataAnnotations;

namespace Registry.PackageService.Features.Packuments;

/// <summary>How packuments are kept: configuration section <c>Packuments</c>.</summary>
internal sealed class PackumentOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Packuments";

    /// <summary>The most bytes of rendered packuments that are kept in memory. Default: 128 MiB.</summary>
    [Range(1024 * 1024, 64L * 1024 * 1024 * 1024)]
    public long CacheBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>How many packuments are rendered at the same time; others wait. Default: 4.</summary>
    [Range(1, 64)]
    public int MaxRenderings { get; set; } = 4;
}
