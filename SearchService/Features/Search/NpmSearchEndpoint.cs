using System.Globalization;
using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.SearchService.Index;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;

namespace Registry.SearchService.Features.Search;

/// <summary><c>npm search</c> and pnpm's (npm protocol 3.8; M13).</summary>
internal static class NpmSearchEndpoint
{
    private const int UsualSize = 20;
    private const int LargestSize = 250;

    public static void MapNpmSearch(this IEndpointRouteBuilder routes) => routes.MapGet("/npm/-/v1/search", SearchAsync);

    private static async Task<Results<Ok<NpmSearchDocument>, ProblemHttpResult>> SearchAsync(
        HttpContext context, ISearchIndex index, TimeProvider clock, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        if (!query.TryGetValue("text", out var text))
        {
            return RegistryProblem.Create(400, "text_missing", "The query parameter text is missing: say what to search for");
        }

        var mount = context.GetMount();
        var page = await index.SearchAsync(
            new SearchQuery(
                SearchParameters.Text(text),
                mount.Repository,
                CallerReaders.Of(context.GetCaller()),
                SearchParameters.Number(query["from"], 0, SearchParameters.Deepest),
                SearchParameters.Number(query["size"], UsualSize, LargestSize)),
            cancellationToken);
        return TypedResults.Ok(new NpmSearchDocument(
            [.. page.Hits.Select(hit => Found(hit, mount.PublicUrl))],
            page.Total,
            clock.GetUtcNow().UtcDateTime.ToString("R", CultureInfo.InvariantCulture)));
    }

    private static NpmFoundDocument Found(SearchHit hit, string publicUrl)
    {
        var document = hit.Document;
        return new NpmFoundDocument(
            new NpmPackageDocument(
                document.Package,
                document.Package.StartsWith('@') ? document.Package[1..document.Package.IndexOf('/', StringComparison.Ordinal)] : "unscoped",
                document.Version ?? "",
                document.Description,
                document.Keywords,
                document.PublishedAt,
                new NpmLinksDocument($"{publicUrl}/{document.Package}", document.Homepage, document.RepositoryUrl, document.BugsUrl),
                document.Publisher is { } publisher ? new NpmPersonDocument(publisher.Name, publisher.Email) : null,
                [.. document.Maintainers.Select(person => new NpmPersonDocument(person.Name, person.Email))],
                document.License),
            new NpmScoreDocument(hit.Score, new NpmScoreDetailDocument(0, 0, 0)),
            hit.Score,
            document.PublishedAt);
    }

    private sealed record NpmSearchDocument(IReadOnlyList<NpmFoundDocument> Objects, long Total, string Time);

    private sealed record NpmFoundDocument(NpmPackageDocument Package, NpmScoreDocument Score, double SearchScore, DateTimeOffset? Updated);

    private sealed record NpmPackageDocument(
        string Name,
        string Scope,
        string Version,
        string? Description,
        IReadOnlyList<string> Keywords,
        DateTimeOffset? Date,
        NpmLinksDocument Links,
        NpmPersonDocument? Publisher,
        IReadOnlyList<NpmPersonDocument> Maintainers,
        string? License);

    private sealed record NpmLinksDocument(
        [property: JsonPropertyName("npm")] string Page, string? Homepage, string? Repository, string? Bugs);

    private sealed record NpmPersonDocument(string Username, string? Email);

    private sealed record NpmScoreDocument(double Final, NpmScoreDetailDocument Detail);

    private sealed record NpmScoreDetailDocument(double Quality, double Popularity, double Maintenance);
}
