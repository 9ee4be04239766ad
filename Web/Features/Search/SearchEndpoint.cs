using Registry.Contracts.Http.Search;
using Registry.Web.Peers;
using Registry.Web.Shell;

namespace Registry.Web.Features.Search;

/// <summary>Search as a page: <c>/search?q=&amp;page=</c>.</summary>
internal static class SearchEndpoint
{
    private const int PageSize = 20;
    private const int MaxQueryLength = 256;

    public static void MapSearch(this IEndpointRouteBuilder routes) => routes.MapGet("/search", SearchAsync);

    private static async Task<IResult> SearchAsync(
        string? q, string? page, HttpContext context, SearchClient search, CancellationToken cancellationToken)
    {
        var query = Cut(q ?? "");
        if (query.Length == 0)
        {
            return Page.Show<SearchPage>(new { Query = "" });
        }

        var number = Paging.NumberFrom(page, PageSize);
        var answer = await search.SearchAsync(query, (number - 1) * PageSize, PageSize, context, cancellationToken);
        return answer is Answer<SearchResponse>.Found { Value: var found }
            ? Page.Show<SearchPage>(new { Query = query, found.Results, Partial = found.Partial == true, Paging = new Paging(number, PageSize, found.Total) })
            : Page.Unavailable(context, "Search does not answer at the moment. Packages can still be installed and opened by their names.");
    }

    private static string Cut(string query)
    {
        var text = query.Trim();
        return text.Length <= MaxQueryLength ? text : text[..MaxQueryLength];
    }
}
