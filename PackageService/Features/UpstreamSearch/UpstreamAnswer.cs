using Registry.Contracts.Http.Packages;
using Registry.PackageService.Packages;
using Registry.PackageService.Proxying;
using Registry.Upstreams;

namespace Registry.PackageService.Features.UpstreamSearch;

/// <summary>What came of asking one upstream.</summary>
/// <param name="Hits">What it found and what may come from it.</param>
/// <param name="Question">What is told of it; the detail of a failure is its sentence.</param>
/// <param name="IsFailure">It did not answer.</param>
internal sealed record UpstreamAnswer(IReadOnlyList<UpstreamHit> Hits, UpstreamSearchQuestion Question, bool IsFailure);

/// <summary>A package that an upstream found.</summary>
/// <param name="Result">What is shown.</param>
/// <param name="Folded">The folded spelling of its name.</param>
internal sealed record UpstreamHit(UpstreamSearchResult Result, string Folded)
{
    private const int LongestVersion = 256;
    private const int LongestDescription = 1000;
    private const int LongestOther = 2000;

    /// <summary>Roughly what it takes in memory, in characters.</summary>
    public int Weight =>
        100 + Folded.Length + Result.Name.Length + Result.Version.Length
        + new[] { Result.Description, Result.Homepage, Result.Repository, Result.License }.Sum(static text => text?.Length ?? 0);

    /// <summary>The hit as it is kept; null when nobody could install it: its name is none, or a rule keeps it out.</summary>
    public static UpstreamHit? Of(Upstream upstream, PackageMetadata found)
    {
        var full = upstream.Config.Type == RegistryType.GitHub && !found.Name.StartsWith('@') ? $"@{found.Name}" : found.Name; // as it is installed
        return PackageName.TryParse(full, out var name) && name.Value == full
            && found.Version.Length <= LongestVersion && upstream.Config.Rules.Judge(full, null) is null
            ? new UpstreamHit(
                new UpstreamSearchResult(
                    upstream.Name, full, found.Version, Cut(found.Description), Short(found.Homepage), Short(found.Repository), Short(found.License)),
                name.Folded)
            : null;
    }

    private static string? Cut(string? text) => text is { Length: > LongestDescription } ? text[..LongestDescription] : text;

    private static string? Short(string? text) => text is { Length: <= LongestOther } ? text : null;
}
