using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Features.SearchFeed;

/// <summary><see cref="PackageRoutes.SearchDocuments"/>: what search re-reads when packages changed.</summary>
internal static class SearchDocumentsEndpoint
{
    public static void MapSearchDocuments(this IEndpointRouteBuilder routes) => routes.MapPost(PackageRoutes.SearchDocuments, GetDocumentsAsync);

    private static async Task<IResult> GetDocumentsAsync(
        DescribePackages describe, SearchDocumentsRequest request, CancellationToken cancellationToken) =>
        request.Packages is not { Count: > 0 and <= SearchDocumentsRequest.Most } packages || packages.Any(static key => key is not { Repository: not null, Package: not null })
            ? RegistryProblem.Create(400, "bad_request", $"From 1 to {SearchDocumentsRequest.Most} packages are needed, each with 'repository' and 'package'")
            : TypedResults.Ok(new SearchDocumentsResponse(await describe.ExecuteAsync(packages, cancellationToken)));
}
