using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.AuthService.Features.Profile;

/// <summary><c>npm profile</c> (protocol 3.10).</summary>
internal static class NpmProfileEndpoints
{
    public static void MapNpmProfile(this IEndpointRouteBuilder npm)
    {
        var profile = npm.MapGroup("/-/npm/v1/user").RequireSignedIn().RequireUnlimitedToken();
        profile.MapMethods("", Methods.Read, GetAsync);
        profile.MapPost("", ChangeAsync).WithSmallBody().WithoutSecondFactor(); // depends on what is changed
    }

    private static async Task<Results<Ok<NpmProfileDocument>, ProblemHttpResult>> GetAsync(
        HttpContext context, AuthDbContext db, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var id = context.GetCaller().UserId;
        return await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id && a.DisabledAt == null, cancellationToken) is { } account
            ? TypedResults.Ok(await DocumentAsync(account, db, cancellationToken))
            : NotFound();
    }

    private static async Task<Results<Ok<NpmProfileDocument>, ProblemHttpResult>> ChangeAsync(
        HttpContext context, ChangeProfile changeProfile, ChangeSecondFactor changeSecondFactor, AuthDbContext db, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (await JsonBody.ReadAsync<Dictionary<string, JsonElement>>(context.Request, cancellationToken) is not { } body)
        {
            return AuthProblems.NotJson();
        }

        if (ProfileChange.Parse(body, out var refusal) is not { } change)
        {
            return AuthProblems.Invalid(refusal!);
        }

        if (change.SecondFactor is { } wanted)
        {
            return await context.ChangeSecondFactorAsync(wanted, changeSecondFactor, db, cancellationToken);
        }

        var caller = context.GetCaller();
        if ((change.Password is null ? context.RefuseWithoutSecondFactor() : context.RefuseAccountWithoutSecondFactor()) is { } challenge)
        {
            return challenge;
        }

        return await changeProfile.ExecuteAsync(caller, context.GetAssertion().ClientAddress, change, cancellationToken) switch
        {
            ChangeProfileOutcome.Changed(var account) => TypedResults.Ok(await DocumentAsync(account, db, cancellationToken)),
            ChangeProfileOutcome.Throttled(var wait) => AuthProblems.TooManyAttempts(context, wait),
            ChangeProfileOutcome.NotFound => NotFound(),
            _ => AuthProblems.WrongPassword(caller.UserName!),
        };
    }

    private static async Task<NpmProfileDocument> DocumentAsync(Account account, AuthDbContext db, CancellationToken cancellationToken) =>
        NpmProfileDocument.Of(
            account, NpmSecondFactorDocument.Of(await db.Enrolments.AsNoTracking().SingleOrDefaultAsync(e => e.AccountId == account.Id, cancellationToken)));

    private static ProblemHttpResult NotFound() => RegistryProblem.Create(404, "account_not_found", "There is no such account");
}
