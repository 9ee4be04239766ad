using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Features.UpstreamSearch;

/// <summary><see cref="PackageRoutes.UpstreamSearch"/>: what search shows after the packages published here.</summary>
internal static class UpstreamSearchEndpoint
{
    public static void MapUpstreamSearch(this IEndpointRouteBuilder routes) => routes.MapGet(PackageRoutes.UpstreamSearch, SearchAsync);

    private static async Task<IResult> SearchAsync(
        string? repository, string? text, int? size, bool? signedIn, SearchUpstreams search, CancellationToken cancellationToken) =>
        string.IsNullOrEmpty(repository) || string.IsNullOrEmpty(text)
            ? RegistryProblem.Create(400, "bad_request", "'repository' and 'text' are needed")
            : TypedResults.Ok(await search.ExecuteAsync(new UpstreamSearchQuery(repository, text, size, signedIn), cancellationToken));
}

/// <summary>A search in the upstreams.</summary>
/// <param name="Repository">The repository it is for.</param>
/// <param name="Text">What was typed.</param>
/// <param name="Size">Most results.</param>
/// <param name="SignedIn">Whoever asks has an account.</param>
internal sealed record UpstreamSearchQuery(string Repository, string Text, int? Size, bool? SignedIn)
{
    /// <summary>Most results there are.</summary>
    public const int Most = 250;

    private const int LongestText = 256;

    /// <summary>What the upstreams are asked: without what no search means, so that equal questions are one.</summary>
    public string Question
    {
        get
        {
            var printable = string.Concat(Text.Where(static letter => !char.IsControl(letter))).Trim();
            return printable.Length <= LongestText ? printable : printable[..LongestText];
        }
    }

    /// <summary>Most results, within the bounds.</summary>
    public int Limit => Math.Clamp(Size ?? Most, 1, Most);
}
