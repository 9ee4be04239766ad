using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.Contracts.Http.Auth;

namespace Registry.AuthService.Features.Scopes;

/// <summary>PackageService asks whether an account may create packages in a scope; the first to ask for an unowned one owns it.</summary>
internal static class ScopeEndpoint
{
    private const int MaxScopeLength = 213;

    public static void MapScopes(this IEndpointRouteBuilder routes) =>
        routes.MapPost(AuthRoutes.ClaimScope, ClaimAsync).WithSmallBody();

    private static async Task<Results<Ok<ClaimScopeResponse>, ProblemHttpResult>> ClaimAsync(
        ClaimScopeRequest request, AuthDbContext db, TimeProvider clock, IOptions<AccountsOptions> options, CancellationToken cancellationToken)
    {
        if (request.Scope is not { Length: > 0 and <= MaxScopeLength } scope || scope.Any(c => c is '@' or '/' || char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            return AuthProblems.Invalid("The scope is not valid: give it without @ and /");
        }

        var folded = FoldedName.Of(scope);
        if (await OwnerOfAsync(db, folded, cancellationToken) is null
            && await db.Scopes.CountAsync(s => s.AccountId == request.UserId, cancellationToken) < options.Value.MaxScopesPerAccount)
        {
            var claim = new OwnedScope { Scope = scope, FoldedScope = folded, AccountId = request.UserId, ClaimedAt = clock.GetUtcNow() };
            await db.ClaimScopeAsync(claim, cancellationToken);
        }

        return TypedResults.Ok(new ClaimScopeResponse(await OwnerOfAsync(db, folded, cancellationToken) == request.UserId));
    }

    private static Task<string?> OwnerOfAsync(AuthDbContext db, string folded, CancellationToken cancellationToken) =>
        db.Scopes.Where(s => s.FoldedScope == folded).Select(s => (string?)s.AccountId).SingleOrDefaultAsync(cancellationToken);
}
