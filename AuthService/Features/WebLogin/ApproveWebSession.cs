using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.SecondFactors;
using Registry.AuthService.WebSessions;

namespace Registry.AuthService.Features.WebLogin;

/// <summary>What somebody typed.</summary>
internal sealed record WebAnswer(string Name, string Password, string Email, string Code)
{
    public bool IsSignUp { get; init; }

    /// <summary>The browser's.</summary>
    public string? Address { get; init; }
}

/// <summary>How letting a client in ended.</summary>
internal abstract record ApproveOutcome
{
    private ApproveOutcome()
    {
    }

    public sealed record Approved(string Name) : ApproveOutcome;

    /// <summary>Somebody was faster, or it took too long.</summary>
    public sealed record Gone : ApproveOutcome;

    public sealed record Refused(int Status, string Sentence) : ApproveOutcome;
}

/// <summary>Lets a waiting client in, for whoever shows to be an account, or whose second factor it needs.</summary>
internal sealed partial class ApproveWebSession(
    AuthDbContext db, LogIn logIn, CheckCode checkCode, TimeProvider clock, ILogger<ApproveWebSession> logger)
{
    public Task<ApproveOutcome> ExecuteAsync(WebSession session, WebAnswer answer, CancellationToken cancellationToken) =>
        session.Kind == WebSessionKind.LogIn
            ? LogInAsync(session, answer, cancellationToken)
            : CheckAsync(session, answer, cancellationToken);

    private async Task<ApproveOutcome> LogInAsync(WebSession session, WebAnswer answer, CancellationToken cancellationToken)
    {
        if (AccountName.Parse(answer.Name) is not { } name)
        {
            return new ApproveOutcome.Refused(400, AccountName.Rule);
        }

        if (answer.Password.Length == 0 || SignUpRules.IsOverlong(answer.Password))
        {
            return new ApproveOutcome.Refused(400, "Type your password; it has at most 1024 bytes");
        }

        var command = new LogInCommand(name, answer.Password, answer.Email, null, answer.Address)
        {
            Code = answer.Code,
            MaySignUp = answer.IsSignUp,
            MayLogIn = !answer.IsSignUp,
        };
        return await logIn.ExecuteAsync(command, cancellationToken) switch
        {
            LogInOutcome.LoggedIn(var account, _) => await ApproveAsync(session, account, cancellationToken),
            LogInOutcome.CodeWanted => new ApproveOutcome.Refused(401, "This account has a second factor: type a code of your authenticator, or a recovery code, too"),
            LogInOutcome.WrongCode => new ApproveOutcome.Refused(401, "The one-time code is not right, or was used before: type the next one"),
            LogInOutcome.Throttled(var wait) => TooMany(wait),
            LogInOutcome.Unacceptable(var sentence) => new ApproveOutcome.Refused(400, sentence),
            LogInOutcome.NameTaken => new ApproveOutcome.Refused(409, $"The name {name} is taken, or too easy to confuse with one that is"),
            LogInOutcome.SignUpRefused => new ApproveOutcome.Refused(401, $"There is no account named {name}"),
            _ => new ApproveOutcome.Refused(401, $"The password for {name} is not right"),
        };
    }

    private async Task<ApproveOutcome> CheckAsync(WebSession session, WebAnswer answer, CancellationToken cancellationToken)
    {
        if (await db.Accounts.FindAsync([session.AccountId], cancellationToken) is not { DisabledAt: null } account)
        {
            return new ApproveOutcome.Gone();
        }

        return await checkCode.ExecuteAsync(new CodeAttempt(account.Id, answer.Code, $"page {session.Id}"), cancellationToken) switch
        {
            CheckCodeOutcome.Accepted => await ApproveAsync(session, account, cancellationToken),
            CheckCodeOutcome.Throttled(var wait) => TooMany(wait),
            _ => new ApproveOutcome.Refused(401, "The one-time code is not right, or was used before: type the next one"),
        };
    }

    private async Task<ApproveOutcome> ApproveAsync(WebSession session, Account account, CancellationToken cancellationToken)
    {
        if (!await db.ApproveSessionAsync(session.Id, account.Id, clock.GetUtcNow(), cancellationToken))
        {
            return new ApproveOutcome.Gone();
        }

        LogApproved(account.Name, session.Kind);
        return new ApproveOutcome.Approved(account.Name);
    }

    private static ApproveOutcome.Refused TooMany(TimeSpan wait) =>
        new(429, FormattableString.Invariant($"Too many attempts: try again in {Math.Ceiling(wait.TotalSeconds)} seconds"));

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {AccountName} let a waiting client in ({Kind})")]
    private partial void LogApproved(string accountName, WebSessionKind kind);
}
