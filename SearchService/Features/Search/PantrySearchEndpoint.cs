using Microsoft.AspNetCore.Http.HttpResults;

using Registry.SearchService.Index;
using Registry.ServiceDefaults.Access;

namespace Registry.SearchService.Features.Search;

/// <summary>pantry's search (P13, M22).</summary>
internal static class PantrySearchEndpoint
{
    private const int UsualLimit = 20;
    private const int HighestLimit = 50;

    public static void MapPantrySearch(this IEndpointRouteBuilder routes) => routes.MapGet("/pantry/search", SearchAsync);

    private static async Task<Ok<PantrySearchDocument>> SearchAsync(
        HttpContext context, ISearchIndex index, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        var page = await index.SearchAsync(
            new SearchQuery(
                SearchParameters.Text(query["q"]),
                context.GetMount().Repository,
                CallerReaders.Of(context.GetCaller()),
                From: 0,
                SearchParameters.Number(query["limit"], UsualLimit, HighestLimit)),
            cancellationToken);
        return TypedResults.Ok(new PantrySearchDocument([.. page.Hits.Select(hit => new PantryFoundDocument(
            hit.Document.Package, hit.Document.Version ?? "", hit.Document.Description, hit.Document.Keywords, hit.Document.Author, Downloads: 0))]));
    }

    private sealed record PantrySearchDocument(IReadOnlyList<PantryFoundDocument> Results);

    /// <summary>Downloads are counted from a later version of the registry on; the member is part of the shape.</summary>
    private sealed record PantryFoundDocument(
        string Name, string Version, string? Description, IReadOnlyList<string> Keywords, string? Author, long Downloads);
}
