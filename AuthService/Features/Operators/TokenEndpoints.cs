using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.AuthService.Throttling;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Features.Operators;

/// <summary>Access tokens as the operator's command manages them.</summary>
internal static class TokenEndpoints
{
    private const int PageSize = 1000;
    private const int MaxLimits = 100;
    private const int MaxLimitLength = 214;
    private const int MaxDays = 3650;

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
        var cidrs = request.Cidrs?.Select(range => ClientAddress.NormaliseRange(range ?? "")).ToArray();
        if (Refusal(request, cidrs) is { } sentence)
        {
            return AuthProblems.Invalid(sentence);
        }

        if (await db.FindAccountAsync(request.User, cancellationToken) is not { } account)
        {
            return NoSuchAccount();
        }

        var (token, secret) = tokens.Issue(account.Id, new TokenGrant(request.Name ?? "operator")
        {
            ReadOnly = request.ReadOnly,
            ExpiresAt = request.ExpiresInDays is { } days ? clock.GetUtcNow().AddDays(days) : null,
            Packages = request.Packages?.ToArray(),
            Scopes = request.Scopes?.Select(scope => scope.TrimStart('@')).ToArray(),
            Cidrs = cidrs!,
        });
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

    private static string? Refusal(CreateTokenRequest request, string?[]? cidrs) =>
        request switch
        {
            { Name.Length: 0 or > TokenGrant.MaxNameLength } => "A token's name has 1 to 100 characters",
            { ExpiresInDays: < 1 or > MaxDays } => "A token expires after 1 to 3650 days, or never",
            _ when !AreUsable(request.Packages) || !AreUsable(request.Scopes) => "A token is limited to 1 to 100 packages or scopes, each named by at most 214 characters",
            _ when cidrs is { Length: 0 or > MaxLimits } => "A token is limited to 1 to 100 address ranges",
            _ when cidrs is not null && cidrs.Contains(null) => "An address range is not in CIDR notation",
            _ => null,
        };

    /// <summary>An empty list would read as a limit and mean none, or everything: neither is what was asked for.</summary>
    private static bool AreUsable(IReadOnlyList<string>? limits) =>
        limits is null || (limits.Count is > 0 and <= MaxLimits && limits.All(limit => limit is { Length: > 0 and <= MaxLimitLength }));

    private static ProblemHttpResult NoSuchAccount() => RegistryProblem.Create(404, "account_not_found", "There is no such account");

    private static TokenResponse ResponseFor(AccessToken token, string user) =>
        new(token.Id, user, token.Name, token.Hint, token.ReadOnly, token.CreatedAt, token.ExpiresAt, token.LastUsedAt, token.Packages, token.Scopes, token.Cidrs);

    private sealed record RevokedDocument(bool Ok);
}
