using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.AuthService.Organisations;
using Registry.Contracts.Http.Auth;

namespace Registry.AuthService.Features.Scopes;

/// <summary>
/// PackageService asks whether an account may create packages in a scope; the first to ask for an unowned one owns it. In an organisation's
/// scope every member may, and whoever claimed it before it became one only as a member.
/// </summary>
internal static class ScopeEndpoint
{
    public static void MapScopes(this IEndpointRouteBuilder routes) =>
        routes.MapPost(AuthRoutes.ClaimScope, ClaimAsync).WithSmallBody();

    private static async Task<Results<Ok<ClaimScopeResponse>, ProblemHttpResult>> ClaimAsync(
        ClaimScopeRequest request, AuthDbContext db, TimeProvider clock, IOptions<AccountsOptions> options, CancellationToken cancellationToken)
    {
        if (ScopeName.Parse(request.Scope) is not { } scope)
        {
            return AuthProblems.Invalid("The scope is not valid: give it without @ and /");
        }

        if (await FindAsync(db, scope, cancellationToken) is null
            && await db.Scopes.CountAsync(s => s.AccountId == request.UserId, cancellationToken) < options.Value.MaxScopesPerAccount)
        {
            var claim = new OwnedScope { Scope = scope.Value, FoldedScope = scope.Folded, AccountId = request.UserId, ClaimedAt = clock.GetUtcNow() };
            await db.ClaimScopeAsync(claim, cancellationToken);
        }

        var owned = await FindAsync(db, scope, cancellationToken);
        return TypedResults.Ok(
            owned is not null && await db.FindOrganisationAsync(owned.Scope, cancellationToken) is { } organisation
                ? await AnswerAsync(db, organisation, request.UserId, cancellationToken)
                : new ClaimScopeResponse(owned?.AccountId == request.UserId));
    }

    private static async Task<ClaimScopeResponse> AnswerAsync(AuthDbContext db, Organisation organisation, string userId, CancellationToken cancellationToken)
    {
        var developers = (await db.FindTeamAsync(organisation.Id, Team.Developers, cancellationToken))!;
        return new ClaimScopeResponse(
            await db.RoleOfAsync(organisation.Id, userId, cancellationToken) is not null, new TeamReference(developers.Id, organisation.Scope, developers.Name));
    }

    private static Task<OwnedScope?> FindAsync(AuthDbContext db, ScopeName scope, CancellationToken cancellationToken) =>
        db.Scopes.AsNoTracking().SingleOrDefaultAsync(s => s.FoldedScope == scope.Folded, cancellationToken);
}
