using Microsoft.AspNetCore.Http.HttpResults;

using Registry.AuthService.Accounts;
using Registry.AuthService.Hosting;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;

namespace Registry.AuthService.Features.SigningUp;

/// <summary>Signing up by our own interface, where an invitation or the set-up token can be given.</summary>
internal static class SignUpEndpoint
{
    public static void MapSignUp(this IEndpointRouteBuilder api) => api.MapPost("/accounts", SignUpAsync).WithSmallBody();

    private static async Task<Results<Created<SignedUpDocument>, ProblemHttpResult>> SignUpAsync(
        HttpContext context, SignUp signUp, CancellationToken cancellationToken)
    {
        context.Response.Headers.Remove("npm-notice");
        context.Response.Headers.CacheControl = "no-store";
        if (await JsonBody.ReadAsync<SignUpDocument>(context.Request, cancellationToken) is not { } document)
        {
            return AuthProblems.NotJson();
        }

        if (AccountName.Parse(document.Name) is not { } name)
        {
            return AuthProblems.Invalid(AccountName.Rule);
        }

        if ((SignUpRules.RefusalOfPassword(document.Password ?? "") ?? SignUpRules.RefusalOfEmail(document.Email)) is { } sentence)
        {
            return AuthProblems.Invalid(sentence);
        }

        var command = new SignUpCommand(
            name, document.Password!, document.Email, document.Invitation, document.SetupToken, context.GetAssertion().ClientAddress)
        {
            IsToOwnAddress = context.GetMount().IsCanonical && context.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "none" or "same-origin",
        };
        return await signUp.ExecuteAsync(command, cancellationToken) switch
        {
            SignUpOutcome.SignedUp(var account, var secret) => TypedResults.Created((string?)null, new SignedUpDocument(account.Name, secret)),
            SignUpOutcome.Throttled(var wait) => AuthProblems.TooManyAttempts(context, wait),
            SignUpOutcome.Refused(var code, var refusal) => RegistryProblem.Create(403, code, refusal),
            _ => AuthProblems.NameTaken(name.Value),
        };
    }

    internal sealed record SignUpDocument(string? Name, string? Password, string? Email, string? Invitation, string? SetupToken);

    internal sealed record SignedUpDocument(string Name, string Token);
}
