using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.Contracts.Http.Auth;

namespace Registry.AuthService.Features.Maintainers;

/// <summary>PackageService asks which of these names are accounts, before it makes them maintainers of a package.</summary>
internal static class MaintainerEndpoint
{
    public static void MapMaintainers(this IEndpointRouteBuilder routes) => routes.MapPost(AuthRoutes.FindAccounts, FindAsync).WithSmallBody();

    private static async Task<Results<Ok<FindAccountsResponse>, ProblemHttpResult>> FindAsync(
        FindAccountsRequest request, AuthDbContext db, CancellationToken cancellationToken)
    {
        if (request.Names.Count > FindAccountsRequest.MostNames)
        {
            return AuthProblems.Invalid($"At most {FindAccountsRequest.MostNames} names can be asked for at once");
        }

        return TypedResults.Ok(new FindAccountsResponse(await db.Accounts.AsNoTracking()
            .Where(a => a.DisabledAt == null && request.Names.Contains(a.Name))
            .OrderBy(a => a.Name)
            .Select(a => new AccountResponse(a.Id, a.Name, a.Email, a.IsAdministrator, a.CreatedAt))
            .ToListAsync(cancellationToken)));
    }
}
