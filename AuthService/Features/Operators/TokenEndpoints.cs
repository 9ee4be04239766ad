using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Features.Operators;

/// <summary>Access tokens as the operator's command manages them.</summary>
internal static class TokenEndpoints
{
    private const int PageSize = 1000;

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(AuthRoutes.Tokens, ListAsync);
        routes.MapPost(AuthRoutes.Tokens, CreateAsync).WithSmallBody();
        routes.MapDelete(AuthRoutes.Token, RevokeAsync);
    }

    private static async Task<Results<Ok<List<TokenResponse>>, ProblemHttpResult>> ListAsync(
        string? user, AuthDbContext db, CancellationToken cancellationToken)
    {
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Name == user, cancellationToken);
        if (account is null)
        {
            return NoSuchAccount();
        }

        var tokens = await db.AccessTokens.AsNoTracking()
            .Where(t => t.AccountId == account.Id && t.RevokedAt == null)
            .OrderByDescending(t => t.Id)
            .Take(PageSize)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(tokens.ConvertAll(token => ResponseFor(token, account.Name)));
    }

    private static async Task<Results<Created<CreateTokenResponse>, ProblemHttpResult>> CreateAsync(
        CreateTokenRequest request, AuthDbContext db, AccessTokens tokens, TimeProvider clock, CancellationToken cancellationToken)
    {
        var terms = TermsOf(request);
        if (terms.Refusal() is { } sentence)
        {
            return AuthProblems.Invalid(sentence);
        }

        if (await db.FindAccountAsync(request.User, cancellationToken) is not { } account)
        {
            return NoSuchAccount();
        }

        var (token, secret) = tokens.Issue(account.Id, terms.Grant(clock.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created((string?)null, new CreateTokenResponse(ResponseFor(token, account.Name), secret));
    }

    private static async Task<Results<Ok<RevokedDocument>, ProblemHttpResult>> RevokeAsync(
        string id, AuthDbContext db, AccessTokens tokens, CancellationToken cancellationToken)
    {
        var token = await db.AccessTokens.SingleOrDefaultAsync(t => t.Id == id && t.RevokedAt == null, cancellationToken);
        if (token is null)
        {
            return RegistryProblem.Create(404, "token_not_found", "There is no such access token");
        }

        await tokens.RevokeAsync(token, cancellationToken);
        return TypedResults.Ok(new RevokedDocument(true));
    }

    private static TokenTerms TermsOf(CreateTokenRequest request) =>
        new(request.Name ?? "operator")
        {
            ReadOnly = request.ReadOnly,
            ExpiresInDays = request.ExpiresInDays,
            Packages = request.Packages,
            Scopes = request.Scopes,
            Cidrs = request.Cidrs,
        };

    private static ProblemHttpResult NoSuchAccount() => RegistryProblem.Create(404, "account_not_found", "There is no such account");

    private static TokenResponse ResponseFor(AccessToken token, string user) =>
        new(token.Id, user, token.Name, token.Hint, token.ReadOnly, token.CreatedAt, token.ExpiresAt, token.LastUsedAt, token.Packages, token.Scopes, token.Cidrs);

    internal sealed record RevokedDocument(bool Ok);
}
