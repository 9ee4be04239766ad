using Registry.AuthService.Data;
using Registry.AuthService.SecondFactors;

namespace Registry.AuthService.Accounts;

/// <summary>How showing to be an account ended.</summary>
internal abstract record AuthenticateOutcome
{
    private AuthenticateOutcome()
    {
    }

    public sealed record Accepted(Account Account) : AuthenticateOutcome;

    public sealed record WrongPassword : AuthenticateOutcome;

    /// <summary>The password is right, and the account's second factor is needed too.</summary>
    public sealed record CodeWanted : AuthenticateOutcome;

    public sealed record WrongCode : AuthenticateOutcome;

    public sealed record Throttled(TimeSpan RetryAfter) : AuthenticateOutcome;
}

/// <summary>Whether somebody is an account: by its password and, where there is one, its second factor.</summary>
internal sealed class Authenticate(AuthDbContext db, CheckPassword checkPassword, CheckCode checkCode)
{
    public async Task<AuthenticateOutcome> ExecuteAsync(PasswordAttempt attempt, string? code, CancellationToken cancellationToken) =>
        await checkPassword.ExecuteAsync(attempt, cancellationToken) switch
        {
            CheckPasswordOutcome.Accepted(var account) => await CheckCodeAsync(account, attempt, code, cancellationToken),
            CheckPasswordOutcome.Throttled(var wait) => new AuthenticateOutcome.Throttled(wait),
            _ => new AuthenticateOutcome.WrongPassword(),
        };

    private async Task<AuthenticateOutcome> CheckCodeAsync(Account account, PasswordAttempt attempt, string? code, CancellationToken cancellationToken)
    {
        if (await db.FindEnrolmentAsync(account.Id, cancellationToken) is null)
        {
            return new AuthenticateOutcome.Accepted(account);
        }

        if (string.IsNullOrWhiteSpace(code))
        {
            return new AuthenticateOutcome.CodeWanted();
        }

        return await checkCode.ExecuteAsync(new CodeAttempt(account.Id, code, $"log-in {attempt.Address}"), cancellationToken) switch
        {
            CheckCodeOutcome.Accepted => new AuthenticateOutcome.Accepted(account),
            CheckCodeOutcome.Throttled(var wait) => new AuthenticateOutcome.Throttled(wait),
            _ => new AuthenticateOutcome.WrongCode(),
        };
    }
}
