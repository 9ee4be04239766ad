using System.Globalization;

using Microsoft.AspNetCore.Http.HttpResults;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.AuthService.Features.Tokens;

/// <summary><c>npm token</c> (protocol 3.10): the caller's own access tokens. A token that is limited to packages or scopes does not get here.</summary>
internal static class NpmTokenEndpoints
{
    private const string DefaultName = "npm token create";
    private const int DefaultPageSize = 10;
    private const int MaxPageSize = 100;
    private const int MaxPage = 100_000;

    public static void MapNpmTokens(this IEndpointRouteBuilder npm)
    {
        var tokens = npm.MapGroup("/-/npm/v1/tokens").RequireSignedIn().RequireUnlimitedToken();
        tokens.MapMethods("", Methods.Read, ListAsync);
        tokens.MapPost("", CreateAsync).WithSmallBody().RequireSecondFactor();
        tokens.MapDelete("/token/" + HiddenSecretContextFactory.Placeholder, RevokeAsync);
    }

    private static async Task<Results<Ok<NpmTokenPage>, ProblemHttpResult>> ListAsync(
        HttpContext context, AuthDbContext db, TimeProvider clock, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (Number(context, "perPage", DefaultPageSize, 1, MaxPageSize) is not { } size || Number(context, "page", 0, 0, MaxPage) is not { } page)
        {
            return AuthProblems.Invalid("perPage is a number from 1 to 100, and page a number from 0");
        }

        var account = context.GetCaller().UserId!;
        var now = clock.GetUtcNow();
        var total = await db.CountTokensAsync(account, now, cancellationToken);
        var tokens = await db.ListTokensAsync(account, now, page * size, size, cancellationToken);
        var next = (page + 1) * size < total ? string.Create(CultureInfo.InvariantCulture, $"/-/npm/v1/tokens?perPage={size}&page={page + 1}") : null;
        return TypedResults.Ok(new NpmTokenPage(tokens.ConvertAll(token => NpmTokenDocument.Of(token)), total, new NpmTokenPageUrls(next)));
    }

    private static async Task<Results<Ok<NpmTokenDocument>, ProblemHttpResult>> CreateAsync(
        HttpContext context, CreateToken createToken, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (await JsonBody.ReadAsync<NpmTokenRequest>(context.Request, cancellationToken) is not { } request)
        {
            return AuthProblems.NotJson();
        }

        var terms = TermsOf(request);
        if ((RefusalOf(request) ?? terms.Refusal()) is { } sentence)
        {
            return AuthProblems.Invalid(sentence);
        }

        var command = new CreateTokenCommand(context.GetCaller(), request.Password!, terms, context.GetAssertion().ClientAddress)
        {
            ReachesNoPackage = request.PackagesPermission == "no-access" || IsOfOrganisations(request),
            ReachesNoOrganisation = request.OrgsPermission is "no-access" or "read-only" || (request.Orgs is null && IsLimited(request)),
        };
        return await createToken.ExecuteAsync(command, cancellationToken) switch
        {
            CreateTokenOutcome.Created(var token, var secret) => TypedResults.Ok(NpmTokenDocument.Of(token, secret)),
            CreateTokenOutcome.Throttled(var wait) => AuthProblems.TooManyAttempts(context, wait),
            CreateTokenOutcome.TooMany(var most) => RegistryProblem.Create(
                403, "too_many_tokens", string.Create(CultureInfo.InvariantCulture, $"You have {most} access tokens, and more are not allowed: revoke some")),
            CreateTokenOutcome.Limited => RegistryProblem.Create(
                403, "token_limited", "This access token is limited, so it makes no other: log in to make one"),
            _ => AuthProblems.WrongPassword(context.GetCaller().UserName!),
        };
    }

    /// <summary>Ends the token that the path names by its key, or is itself.</summary>
    private static async Task<Results<Ok<RevokedDocument>, ProblemHttpResult>> RevokeAsync(
        HttpContext context, AuthDbContext db, AccessTokens tokens, CancellationToken cancellationToken)
    {
        var named = context.Features.Get<PathSecret>()?.Value ?? "";
        if (await db.FindTokenAsync(context.GetCaller().UserId!, named, cancellationToken) is not { } token)
        {
            return RegistryProblem.Create(404, "token_not_found", "This is not an access token of yours");
        }

        await tokens.RevokeAsync(token, cancellationToken);
        return TypedResults.Ok(new RevokedDocument(true));
    }

    private static int? Number(HttpContext context, string name, int whenAbsent, int least, int most) =>
        context.Request.Query[name] is not [{ Length: > 0 } text] ? whenAbsent
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : null;

    private static string? RefusalOf(NpmTokenRequest request) =>
        request switch
        {
            { Password: null or "" } => "The password is missing",
            { Password: var password } when SignUpRules.IsOverlong(password) => "A password has at most 1024 bytes",
            { PackagesPermission: "read-write-stage-only" } => "This registry has no staging: make the token read-write or read-only",
            { PackagesPermission: not (null or "no-access" or "read-only" or "read-write") } =>
                "The permission for packages and scopes is no-access, read-only or read-write",
            { OrgsPermission: not (null or "no-access" or "read-only" or "read-write") } => "The permission for organisations is no-access, read-only or read-write",
            _ => null,
        };

    private static TokenTerms TermsOf(NpmTokenRequest request)
    {
        var all = request.AllPackages == true;
        return new TokenTerms(string.IsNullOrEmpty(request.Name) ? DefaultName : request.Name)
        {
            Description = request.Description,
            ReadOnly = request.ReadOnly == true || request.PackagesPermission == "read-only",
            ExpiresInDays = request.Expires,
            Packages = all ? null : NullIfEmpty(request.Packages),
            Scopes = all ? null : NullIfEmpty(request.Scopes),
            Organisations = NullIfEmpty(request.Orgs),
            Cidrs = NullIfEmpty(request.Cidrs),
            BypassesSecondFactor = request.BypassesSecondFactor == true,
        };
    }

    // npm up to 10 always sends cidr_whitelist, usually empty.
    private static string?[]? NullIfEmpty(string?[]? list) => list is { Length: > 0 } ? list : null;

    private static bool IsLimited(NpmTokenRequest request) =>
        request.PackagesPermission is not null || request is { Packages.Length: > 0 } or { Scopes.Length: > 0 };

    /// <summary>Who names organisations and no packages wants a token that works for them alone.</summary>
    private static bool IsOfOrganisations(NpmTokenRequest request) =>
        request is { Orgs.Length: > 0, AllPackages: not true } && !IsLimited(request);

    internal sealed record RevokedDocument(bool Ok);
}
