using System.ComponentModel.DataAnnotations;

namespace Registry.PackageService.Proxying;

/// <summary>Where packages come from that are not published here, and how long their bytes are kept: configuration section <c>Upstreams</c>.</summary>
internal sealed class ProxyOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Upstreams";

    /// <summary>The file whose <c>registries</c> are the upstreams, a <c>pantry.json</c> or <c>pantry.jsonc</c>; it may be missing. Default: none.</summary>
    public string? File { get; set; }

    /// <summary>An npm registry that is the upstream <c>npm</c> when the file has none of that name. Default: none.</summary>
    public Uri? Url { get; set; }

    /// <summary>Whether upstreams are asked at all. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The most bytes of upstreams' tarballs that are kept. Default: 20 GiB.</summary>
    [Range(1024 * 1024, 1L << 40)]
    public long CacheBytes { get; set; } = 20L * 1024 * 1024 * 1024;

    /// <summary>How many minutes a proxied tarball stays at least: longer than a publish of the same bytes takes. Default: 10.</summary>
    [Range(0, 1440)]
    public int KeepMinutes { get; set; } = 10;

    /// <summary>After how many days without use an upstream's tarballs and packuments leave; 0 keeps them. Default: 0.</summary>
    [Range(0, 36_500)]
    public int MaxIdleDays { get; set; }

    /// <summary>How many milliseconds a search waits for an upstream. Default: 700.</summary>
    [Range(50, 5000)]
    public int SearchMilliseconds { get; set; } = 700;
}
