using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.Contracts.Http.Auth;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Features.Operators;

/// <summary>Accounts as the operator's command manages them.</summary>
internal static class AccountEndpoints
{
    private const int PageSize = 1000;

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(AuthRoutes.Accounts, ListAsync);
        routes.MapPost(AuthRoutes.Accounts, CreateAsync).WithSmallBody();
        routes.MapGet(AuthRoutes.Account, GetAsync);
        routes.MapPut(AuthRoutes.AccountPassword, SetPasswordAsync).WithSmallBody();
        routes.MapDelete(AuthRoutes.AccountSecondFactor, DisableSecondFactorAsync);
        routes.MapPut(AuthRoutes.AccountDisabled, DisableAsync);
        routes.MapDelete(AuthRoutes.AccountDisabled, EnableAsync);
    }

    private static async Task<Ok<List<AccountResponse>>> ListAsync(string? after, AuthDbContext db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await db.Accounts.AsNoTracking()
            .Where(a => after == null || a.Name.CompareTo(after) > 0)
            .OrderBy(a => a.Name)
            .Take(PageSize)
            .Select(a => new AccountResponse(a.Id, a.Name, a.Email, a.IsAdministrator, a.CreatedAt))
            .ToListAsync(cancellationToken));

    private static async Task<Results<Ok<AccountResponse>, ProblemHttpResult>> GetAsync(string name, AuthDbContext db, CancellationToken cancellationToken) =>
        AccountName.Parse(name) is not null && await db.FindAccountAsync(name, cancellationToken) is { } a
            ? TypedResults.Ok(new AccountResponse(a.Id, a.Name, a.Email, a.IsAdministrator, a.CreatedAt))
            : NoSuchAccount(name);

    private static async Task<Results<Created<CreateAccountResponse>, ProblemHttpResult>> CreateAsync(
        CreateAccountRequest request, HttpContext context, CreateAccount createAccount, CancellationToken cancellationToken)
    {
        if (AccountName.Parse(request.Name) is not { } name)
        {
            return AuthProblems.Invalid(AccountName.Rule);
        }

        var password = request.Password ?? TokenSecret.NewPassword();
        if ((SignUpRules.RefusalOfPassword(password) ?? SignUpRules.RefusalOfEmail(request.Email)) is { } sentence)
        {
            return AuthProblems.Invalid(sentence);
        }

        var command = new CreateAccountCommand(name, password, request.Email) { IsAdministrator = request.IsAdministrator };
        return await createAccount.ExecuteAsync(command, cancellationToken) switch
        {
            CreateAccountOutcome.Created(var a, _) => TypedResults.Created(
                (string?)null,
                new CreateAccountResponse(
                    new AccountResponse(a.Id, a.Name, a.Email, a.IsAdministrator, a.CreatedAt), request.Password is null ? password : null)),
            CreateAccountOutcome.Busy => AuthProblems.TooManyAttempts(context, TimeSpan.FromSeconds(1)),
            _ => AuthProblems.NameTaken(name.Value),
        };
    }

    private static async Task<Results<Ok<SetPasswordResponse>, ProblemHttpResult>> SetPasswordAsync(
        string name, SetPasswordRequest request, HttpContext context, ChangeAccount change, CancellationToken cancellationToken)
    {
        var password = request.Password ?? TokenSecret.NewPassword();
        if (SignUpRules.RefusalOfPassword(password) is { } sentence)
        {
            return AuthProblems.Invalid(sentence);
        }

        return await change.SetPasswordAsync(name, password, cancellationToken) switch
        {
            ChangeAccountOutcome.Changed => TypedResults.Ok(new SetPasswordResponse(request.Password is null ? password : null)),
            ChangeAccountOutcome.Busy => AuthProblems.TooManyAttempts(context, TimeSpan.FromSeconds(1)),
            _ => NoSuchAccount(name),
        };
    }

    private static async Task<Results<Ok<ChangedDocument>, ProblemHttpResult>> DisableSecondFactorAsync(
        string name, ChangeAccount change, CancellationToken cancellationToken) =>
        await change.DisableSecondFactorAsync(name, cancellationToken) == ChangeAccountOutcome.Changed
            ? TypedResults.Ok(new ChangedDocument(true))
            : NoSuchAccount(name);

    private static async Task<Results<Ok<ChangedDocument>, ProblemHttpResult>> DisableAsync(
        string name, ChangeAccount change, CancellationToken cancellationToken) =>
        await change.DisableAsync(name, cancellationToken) == ChangeAccountOutcome.Changed
            ? TypedResults.Ok(new ChangedDocument(true))
            : NoSuchAccount(name);

    private static async Task<Results<Ok<ChangedDocument>, ProblemHttpResult>> EnableAsync(
        string name, ChangeAccount change, CancellationToken cancellationToken) =>
        await change.EnableAsync(name, cancellationToken) == ChangeAccountOutcome.Changed
            ? TypedResults.Ok(new ChangedDocument(true))
            : NoSuchAccount(name);

    private static ProblemHttpResult NoSuchAccount(string name) =>
        RegistryProblem.Create(404, "account_not_found", $"There is no account named {name}");

    internal sealed record ChangedDocument(bool Ok);
}
