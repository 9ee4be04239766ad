using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.AuthService.Data;
using Registry.AuthService.Throttling;

namespace Registry.AuthService.Accounts;

/// <summary>Somebody logs in, or signs up, the way npm does both. Without a grant no access token is made.</summary>
internal sealed record LogInCommand(AccountName Name, string Password, string? Email, TokenGrant? Grant, string? Address)
{
    /// <summary>The second factor, when one was sent.</summary>
    public string? Code { get; init; }

    /// <summary>An account that exists may be meant.</summary>
    public bool MayLogIn { get; init; } = true;

    /// <summary>
    /// A new account may be meant: the request came to an address that is the registry's own. Under any other name it may come from a web page that had
    /// that name point here (DNS rebinding), and open sign-up is for the users of this machine.
    /// </summary>
    public required bool MaySignUp { get; init; }
}

/// <summary>How a log-in ended.</summary>
internal abstract record LogInOutcome
{
    private LogInOutcome()
    {
    }

    /// <summary>The secret is that of the token, if one was to be made.</summary>
    public sealed record LoggedIn(Account Account, string? Secret) : LogInOutcome;

    public sealed record WrongPassword : LogInOutcome;

    /// <summary>The password is right, and the account's second factor is needed too.</summary>
    public sealed record CodeWanted : LogInOutcome;

    public sealed record WrongCode : LogInOutcome;

    public sealed record SignUpRefused(SignUpRule Rule) : LogInOutcome;

    /// <summary>The new account's particulars are not acceptable.</summary>
    public sealed record Unacceptable(string Sentence) : LogInOutcome;

    public sealed record NameTaken : LogInOutcome;

    public sealed record Throttled(TimeSpan RetryAfter) : LogInOutcome;
}

/// <summary>Gives an access token to whoever knows the account's password, or, where the rule allows, to a new account.</summary>
internal sealed class LogIn(
    AuthDbContext db, Authenticate authenticate, CreateAccount createAccount, AccessTokens tokens, AttemptThrottle throttle, IOptions<AccountsOptions> options)
{
    public async Task<LogInOutcome> ExecuteAsync(LogInCommand command, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(command, cancellationToken))
        {
            return command.MayLogIn ? await LogInAsync(command, cancellationToken) : new LogInOutcome.NameTaken();
        }

        if (options.Value.Rule == SignUpRule.Open && command.MaySignUp)
        {
            return await SignUpAsync(command, cancellationToken);
        }

        // That a name is unknown is an answer too: asking for many of them is bounded like guessing passwords.
        return await throttle.EnterAsync(command.Name.Value, command.Address, cancellationToken) is { } wait
            ? new LogInOutcome.Throttled(wait)
            : new LogInOutcome.SignUpRefused(options.Value.Rule == SignUpRule.Open ? SignUpRule.Invite : options.Value.Rule);
    }

    private Task<bool> ExistsAsync(LogInCommand command, CancellationToken cancellationToken) =>
        db.Accounts.AnyAsync(a => a.Name == command.Name.Value, cancellationToken);

    private async Task<LogInOutcome> LogInAsync(LogInCommand command, CancellationToken cancellationToken)
    {
        var attempt = new PasswordAttempt(command.Name.Value, command.Password, command.Address);
        return await authenticate.ExecuteAsync(attempt, command.Code, cancellationToken) switch
        {
            AuthenticateOutcome.Accepted(var account) => new LogInOutcome.LoggedIn(account, await IssueAsync(account, command.Grant, cancellationToken)),
            AuthenticateOutcome.CodeWanted => new LogInOutcome.CodeWanted(),
            AuthenticateOutcome.WrongCode => new LogInOutcome.WrongCode(),
            AuthenticateOutcome.Throttled(var wait) => new LogInOutcome.Throttled(wait),
            _ => new LogInOutcome.WrongPassword(),
        };
    }

    private async Task<string?> IssueAsync(Account account, TokenGrant? grant, CancellationToken cancellationToken)
    {
        if (grant is null)
        {
            return null;
        }

        await tokens.MakeRoomAsync(account.Id, cancellationToken);
        var (_, secret) = tokens.Issue(account.Id, grant);
        await db.SaveChangesAsync(cancellationToken);
        return secret;
    }

    private async Task<LogInOutcome> SignUpAsync(LogInCommand command, CancellationToken cancellationToken)
    {
        if (Refusal(command) is { } sentence)
        {
            return new LogInOutcome.Unacceptable(sentence);
        }

        if (await throttle.EnterSignUpAsync(command.Address, cancellationToken) is { } wait)
        {
            return new LogInOutcome.Throttled(wait);
        }

        var creation = new CreateAccountCommand(command.Name, command.Password, command.Email) { Token = command.Grant };
        switch (await createAccount.ExecuteAsync(creation, cancellationToken))
        {
            case CreateAccountOutcome.Created(var account, var secret):
                return new LogInOutcome.LoggedIn(account, secret);
            case CreateAccountOutcome.Busy:
                return new LogInOutcome.Throttled(TimeSpan.FromSeconds(1));
            default:
                // The same client's repeated request may have been faster: then this is a log-in.
                return command.MayLogIn && await ExistsAsync(command, cancellationToken)
                    ? await LogInAsync(command, cancellationToken)
                    : new LogInOutcome.NameTaken();
        }
    }

    private static string? Refusal(LogInCommand command) =>
        command.Name.IsReserved
            ? $"The name {command.Name} is reserved: choose another"
            : SignUpRules.RefusalOfPassword(command.Password) ?? SignUpRules.RefusalOfEmail(command.Email);
}
