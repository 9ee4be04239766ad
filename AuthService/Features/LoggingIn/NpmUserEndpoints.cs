using Microsoft.AspNetCore.Http.HttpResults;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Hosting;
using Registry.AuthService.Throttling;
using Registry.Contracts.Http;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Access;
using Registry.ServiceDefaults.Routing;

namespace Registry.AuthService.Features.LoggingIn;

/// <summary>
/// npm's user documents (protocol 3.2): <c>npm login</c> and <c>npm adduser</c> of every client put one, <c>npm owner</c>
/// reads one. The <c>-rev</c> form is the last step of what old clients do after a 409; it means the same here.
/// </summary>
internal static class NpmUserEndpoints
{
    private const string IdPrefix = "org.couchdb.user:";
    private const string TokenName = "npm login";
    private const int MaxCidrs = 100;

    public static void MapNpmUsers(this IEndpointRouteBuilder npm)
    {
        npm.MapPut("/-/user/{id}", LogInAsync).WithSmallBody();
        npm.MapPut("/-/user/{id}/-rev/{rev}", LogInAsync).WithSmallBody();
        npm.MapMethods("/-/user/{id}", Methods.Read, GetAccountAsync).RequireSignedIn();
    }

    private static async Task<Results<Created<NpmLoggedInDocument>, ProblemHttpResult>> LogInAsync(
        string id, HttpContext context, LogIn logIn, CancellationToken cancellationToken)
    {
        // What the request is about is the body's credential; an old one beside it (protocol 3.2) is nobody's concern.
        context.Response.Headers.Remove("npm-notice");
        context.Response.Headers.CacheControl = "no-store";
        if (NameIn(id) is not { } pathName)
        {
            return RegistryProblem.Create(404, "not_found", "Not found");
        }

        if (await JsonBody.ReadAsync<NpmUserDocument>(context.Request, cancellationToken) is not { } document)
        {
            return AuthProblems.NotJson();
        }

        if (CommandFrom(pathName, document, context.GetAssertion(), out var refusal) is not { } command)
        {
            return AuthProblems.Invalid(refusal);
        }

        command = command with { Code = context.Request.Headers["npm-otp"] };
        return await logIn.ExecuteAsync(command, cancellationToken) switch
        {
            LogInOutcome.LoggedIn(var account, var secret) => TypedResults.Created((string?)null, Document(account, secret!)),
            LogInOutcome.Throttled(var wait) => AuthProblems.TooManyAttempts(context, wait),
            LogInOutcome.CodeWanted => SecondFactorDemands.Challenge(SecondFactorAnswer.None),
            LogInOutcome.WrongCode => SecondFactorDemands.Challenge(SecondFactorAnswer.Refused),
            LogInOutcome.Unacceptable(var sentence) => AuthProblems.Invalid(sentence),
            LogInOutcome.SignUpRefused(var rule) => SignUpRefused(rule),

            // 403, because clients answer 409 with a second round (protocol 3.2).
            LogInOutcome.NameTaken => RegistryProblem.Create(403, "name_taken", AuthProblems.NameTaken(command.Name.Value).ProblemDetails.Detail!),
            _ => AuthProblems.WrongPassword(command.Name.Value),
        };
    }

    private static async Task<Results<Ok<NpmAccountDocument>, ProblemHttpResult>> GetAccountAsync(
        string id, AuthDbContext db, CancellationToken cancellationToken) =>
        NameIn(id) is { } name && await db.FindAccountAsync(name, cancellationToken) is { } account
            ? TypedResults.Ok(new NpmAccountDocument(IdPrefix + account.Name, account.Name, account.Email ?? "", "user", []))
            : RegistryProblem.Create(404, "account_not_found", "There is no such account");

    private static string? NameIn(string id)
    {
        var sent = TargetPath.Unescape(id);
        return sent.StartsWith(IdPrefix, StringComparison.Ordinal) ? sent[IdPrefix.Length..] : null;
    }

    private static LogInCommand? CommandFrom(string pathName, NpmUserDocument document, Assertion assertion, out string refusal)
    {
        refusal = AccountName.Rule;
        if (AccountName.Parse(pathName) is not { } name)
        {
            return null;
        }

        refusal = document switch
        {
            _ when document.Name != pathName => "The name in the body is not the name in the path",
            { Password: null or "" } => "The password is missing",
            { Password: var password } when SignUpRules.IsOverlong(password) => "A password has at most 1024 bytes",
            { Cidrs.Length: > MaxCidrs } => "There are too many address ranges",
            _ => "",
        };
        var cidrs = document.Cidrs is { Length: > 0 } ? document.Cidrs.Select(range => ClientAddress.NormaliseRange(range ?? "")).ToArray() : null;
        if (refusal.Length == 0 && cidrs is not null && cidrs.Contains(null))
        {
            refusal = "An address range is not in CIDR notation";
        }

        var grant = new TokenGrant(TokenName) { ReadOnly = document.ReadOnly ?? false, Cidrs = cidrs! };
        return refusal.Length == 0
            ? new LogInCommand(name, document.Password!, document.Email, grant, assertion.ClientAddress) { MaySignUp = assertion.Mount is { IsCanonical: true } }
            : null;
    }

    private static NpmLoggedInDocument Document(Account account, string secret) =>
        new($"you are logged in as {account.Name}", IdPrefix + account.Name, $"1-{account.Id.Replace("-", "", StringComparison.Ordinal)}", secret);

    private static ProblemHttpResult SignUpRefused(SignUpRule rule) =>
        rule == SignUpRule.Invite
            ? RegistryProblem.Create(
                403,
                "sign_up_by_invitation",
                "There is no such account, and new ones need an invitation: ask an administrator for an account or for an invitation code")
            : RegistryProblem.Create(
                403, "sign_up_closed", "There is no such account, and sign-up is closed: ask an administrator to make one for you");
}
