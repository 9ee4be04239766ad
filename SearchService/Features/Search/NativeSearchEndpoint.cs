using Microsoft.AspNetCore.Http.HttpResults;

using Registry.Contracts.Http.Search;
using Registry.SearchService.Index;
using Registry.ServiceDefaults.Access;

namespace Registry.SearchService.Features.Search;

/// <summary>Our own search, over every repository: <c>GET /api/v1/search?q=&amp;from=&amp;size=</c>.</summary>
internal static class NativeSearchEndpoint
{
    private const int UsualSize = 20;
    private const int LargestSize = 100;

    public static void MapNativeSearch(this IEndpointRouteBuilder routes) => routes.MapGet("/native/api/v1/search", SearchAsync);

    private static async Task<Ok<SearchResponse>> SearchAsync(HttpContext context, ISearchIndex index, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        var page = await index.SearchAsync(
            new SearchQuery(
                SearchParameters.Text(query["q"]),
                Repository: null,
                CallerReaders.Of(context.GetCaller()),
                SearchParameters.Number(query["from"], 0, SearchParameters.Deepest),
                SearchParameters.Number(query["size"], UsualSize, LargestSize)),
            cancellationToken);
        return TypedResults.Ok(new SearchResponse(page.Total, [.. page.Hits.Select(Found)]));
    }

    private static SearchResultResponse Found(SearchHit hit) =>
        new(
            hit.Document.Repository,
            hit.Document.Package,
            hit.Document.Version ?? "",
            hit.Document.Description,
            hit.Document.Keywords,
            hit.Document.License,
            hit.Document.Publisher,
            hit.Document.PublishedAt,
            hit.Score);
}
