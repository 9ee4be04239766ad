using System.ComponentModel.DataAnnotations;

namespace Registry.SearchService.Features.Search;

/// <summary>How long a search waits for upstreams: configuration section <c>Upstreams</c>, of which PackageService reads the same.</summary>
internal sealed class UpstreamSearchOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Upstreams";

    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(300);

    /// <summary>How many milliseconds PackageService waits for an upstream. Default: 700.</summary>
    [Range(50, 5000)]
    public int SearchMilliseconds { get; set; } = 700;

    /// <summary>How long PackageService is waited for.</summary>
    public TimeSpan Patience => TimeSpan.FromMilliseconds(SearchMilliseconds) + Margin;
}
