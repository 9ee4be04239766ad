using Microsoft.AspNetCore.Http.HttpResults;

using Registry.Contracts.Http.Search;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.SearchService.Features.Search;

/// <summary>Search in the three dialects that have it.</summary>
internal static class SearchEndpoints
{
    private const int DefaultSize = 20;
    private const int MostNpm = 250;
    private const int MostPantry = 50;
    private const int MostNative = 250;

    public static IEndpointRouteBuilder MapSearch(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/npm/-/v1/search", Methods.Read, SearchNpmAsync).AddEndpointFilter<ExplainFilter>();
        routes.MapMethods("/pantry/search", Methods.Read, SearchPantryAsync).AddEndpointFilter<ExplainFilter>();
        routes.MapMethods("/native/api/v1/search", Methods.Read, SearchNativeAsync).AddEndpointFilter<ExplainFilter>();
        routes.Map("/npm/-/{**rest}", static () =>
            RegistryProblem.Create(404, "not_supported", "Not found: this registry does not have this part of the npm protocol"));
        return routes;
    }

    private static async Task<Results<Ok<NpmSearchDocument>, ProblemHttpResult>> SearchNpmAsync(
        HttpContext context, SearchPackages search, TimeProvider clock)
    {
        var query = context.Request.Query;
        if (!query.ContainsKey("text"))
        {
            return RegistryProblem.Create(400, "text_required", "A search needs a text: send it as ?text=");
        }

        var page = await search.ExecuteAsync(
            context,
            query["text"],
            inMountOnly: true,
            SearchPackages.Number(query["from"], 0, 0, int.MaxValue),
            SearchPackages.Number(query["size"], DefaultSize, 0, MostNpm));
        return TypedResults.Ok(NpmSearchDocument.Of(page, context.GetMount().PublicUrl, clock.GetUtcNow()));
    }

    private static async Task<Ok<PantrySearchDocument>> SearchPantryAsync(HttpContext context, SearchPackages search)
    {
        var query = context.Request.Query;
        var page = await search.ExecuteAsync(
            context, query["q"], inMountOnly: true, 0, SearchPackages.Number(query["limit"], DefaultSize, 1, MostPantry));
        return TypedResults.Ok(new PantrySearchDocument([.. page.Packages.Select(PantrySearchResult.Of)]));
    }

    private static async Task<Ok<SearchResponse>> SearchNativeAsync(HttpContext context, SearchPackages search)
    {
        var query = context.Request.Query;
        var page = await search.ExecuteAsync(
            context,
            query["q"],
            inMountOnly: false,
            SearchPackages.Number(query["from"], 0, 0, int.MaxValue),
            SearchPackages.Number(query["size"], DefaultSize, 0, MostNative));
        return TypedResults.Ok(new SearchResponse(page.Total, [.. page.Packages.Select(ResultOf)], page.Partial));
    }

    private static SearchResultResponse ResultOf(FoundPackage hit) =>
        new(
            hit.Document.Repository,
            hit.Document.Package,
            hit.Document.Version!,
            hit.Document.Description,
            hit.Document.Keywords,
            hit.Document.License,
            hit.Document.Publisher,
            hit.Document.PublishedAt,
            hit.Score,
            hit.Upstream);
}

/// <summary>The answer of pantry's <c>GET /search</c>; a member <c>error</c> at the top would mean failure to its client.</summary>
internal sealed record PantrySearchDocument(IReadOnlyList<PantrySearchResult> Results);

/// <summary>One package; the client skips entries without name or version. Downloads are not counted per package in search yet.</summary>
internal sealed record PantrySearchResult(
    string Name, string Version, string? Description, IReadOnlyList<string> Keywords, string? Author, long Downloads, string? Upstream)
{
    public static PantrySearchResult Of(FoundPackage hit) =>
        new(hit.Document.Package, hit.Document.Version!, hit.Document.Description, hit.Document.Keywords, hit.Document.Author, 0, hit.Upstream);
}
