using System.Security.Cryptography;

using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.SecondFactors;
using Registry.AuthService.Throttling;
using Registry.Contracts.Http;

namespace Registry.AuthService.Features.Profile;

/// <summary>What is to become of the caller's second factor.</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Address">The client's address.</param>
/// <param name="Issuer">How authenticators label this registry.</param>
internal sealed record SecondFactorCommand(Caller Caller, string? Address, string Issuer);

/// <summary>How changing a second factor ended.</summary>
internal abstract record ChangeSecondFactorOutcome
{
    private ChangeSecondFactorOutcome()
    {
    }

    /// <summary>Begun: the authenticator is to be given this address, and a code of it confirms.</summary>
    public sealed record Pending(string Address) : ChangeSecondFactorOutcome;

    /// <summary>In force; the recovery codes are shown once.</summary>
    public sealed record Confirmed(IReadOnlyList<string> RecoveryCodes) : ChangeSecondFactorOutcome;

    public sealed record ModeChanged(Enrolment Enrolment) : ChangeSecondFactorOutcome;

    public sealed record Disabled : ChangeSecondFactorOutcome;

    /// <summary>There is one in force, which has to be given first.</summary>
    public sealed record Wanted : ChangeSecondFactorOutcome;

    public sealed record WrongPassword : ChangeSecondFactorOutcome;

    public sealed record WrongCode : ChangeSecondFactorOutcome;

    /// <summary>Nothing waits to be confirmed.</summary>
    public sealed record NothingPending : ChangeSecondFactorOutcome;

    /// <summary>The registry has no key to keep secrets with.</summary>
    public sealed record Unavailable : ChangeSecondFactorOutcome;

    public sealed record Throttled(TimeSpan RetryAfter) : ChangeSecondFactorOutcome;
}

/// <summary>
/// Enrols, confirms, changes and disables a second factor (protocol 3.10). Whoever only holds a token cannot: the password is needed
/// each time, and the factor itself once it is in force.
/// </summary>
internal sealed partial class ChangeSecondFactor(
    AuthDbContext db,
    SecondFactorGround ground,
    SecretProtection protection,
    Credentials credentials,
    ILogger<ChangeSecondFactor> logger)
{
    private const int RecoveryCodes = 5;
    private const int RecoveryCodeBytes = 32; // npm takes digits, or 64 hexadecimal ones, where it asks for a code

    /// <summary>Asks for a mode: changes it when a factor is in force, else begins an enrolment.</summary>
    public async Task<ChangeSecondFactorOutcome> AskAsync(
        SecondFactorCommand command, string password, SecondFactorMode mode, CancellationToken cancellationToken)
    {
        var account = command.Caller.UserId!;
        if (await ground.RefuseAsync(command, password, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (await db.Enrolments.SingleOrDefaultAsync(e => e.AccountId == account && e.ConfirmedAt != null, cancellationToken) is not { } enrolment)
        {
            return await BeginAsync(command, mode, cancellationToken);
        }

        enrolment.Mode = mode;
        await SaveAsync(account, cancellationToken);
        LogMode(command.Caller.UserName!, mode);
        return new ChangeSecondFactorOutcome.ModeChanged(enrolment);
    }

    /// <summary>Confirms the pending enrolment with a code of the authenticator.</summary>
    public async Task<ChangeSecondFactorOutcome> ConfirmAsync(SecondFactorCommand command, string code, CancellationToken cancellationToken)
    {
        var account = command.Caller.UserId!;
        var pending = await db.Enrolments.AsNoTracking().SingleOrDefaultAsync(e => e.AccountId == account && e.ConfirmedAt == null, cancellationToken);
        if (pending is null)
        {
            return new ChangeSecondFactorOutcome.NothingPending();
        }

        switch (await ground.CheckAsync(pending, code, cancellationToken))
        {
            case CheckCodeOutcome.Throttled(var wait):
                return new ChangeSecondFactorOutcome.Throttled(wait);
            case CheckCodeOutcome.Refused:
                return new ChangeSecondFactorOutcome.WrongCode();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await db.ConfirmEnrolmentAsync(pending, ground.Now, cancellationToken))
        {
            return new ChangeSecondFactorOutcome.NothingPending(); // begun anew meanwhile, with another secret
        }

        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RecoveryCodeBytes))).ToList();
        db.RecoveryCodes.AddRange(codes.Select(text => new RecoveryCode { AccountId = account, Hash = TokenSecret.Hash(text) }));
        await SaveAsync(account, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogEnrolled(command.Caller.UserName!, pending.Mode);
        return new ChangeSecondFactorOutcome.Confirmed(codes);
    }

    /// <summary>Ends the second factor, or an enrolment that was not confirmed.</summary>
    public async Task<ChangeSecondFactorOutcome> DisableAsync(SecondFactorCommand command, string password, CancellationToken cancellationToken)
    {
        var account = command.Caller.UserId!;
        if (await ground.RefuseAsync(command, password, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.DeleteSecondFactorAsync(account, cancellationToken);
        await SaveAsync(account, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogDisabled(command.Caller.UserName!);
        return new ChangeSecondFactorOutcome.Disabled();
    }

    private async Task<ChangeSecondFactorOutcome> BeginAsync(SecondFactorCommand command, SecondFactorMode mode, CancellationToken cancellationToken)
    {
        if (!protection.IsPossible)
        {
            return new ChangeSecondFactorOutcome.Unavailable();
        }

        var account = command.Caller.UserId!;
        var secret = OneTimePassword.NewSecret();
        var enrolment = new Enrolment { AccountId = account, Secret = protection.Protect(secret, account), Mode = mode, CreatedAt = ground.Now };
        return await db.BeginEnrolmentAsync(enrolment, cancellationToken)
            ? new ChangeSecondFactorOutcome.Pending(OneTimePassword.AddressOf(command.Issuer, command.Caller.UserName!, secret))
            : new ChangeSecondFactorOutcome.Wanted(); // confirmed meanwhile
    }

    /// <summary>What all credentials of the account are worth has changed.</summary>
    private async Task SaveAsync(string account, CancellationToken cancellationToken)
    {
        await credentials.ForgetAllAsync(account, cancellationToken);
        await credentials.SaveAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {AccountName} has a second factor now ({Mode})")]
    private partial void LogEnrolled(string accountName, SecondFactorMode mode);

    [LoggerMessage(Level = LogLevel.Information, Message = "The second factor of account {AccountName} is needed for {Mode} now")]
    private partial void LogMode(string accountName, SecondFactorMode mode);

    [LoggerMessage(Level = LogLevel.Information, Message = "The second factor of account {AccountName} was disabled by its owner")]
    private partial void LogDisabled(string accountName);
}

/// <summary>On what ground a second factor may be changed: the password, the factor in force, or a code of the pending one.</summary>
internal sealed class SecondFactorGround(
    AuthDbContext db, CheckPassword checkPassword, SecretProtection protection, AttemptThrottle throttle, TimeProvider clock)
{
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Why not; null when the caller has shown what is needed.</summary>
    public async Task<ChangeSecondFactorOutcome?> RefuseAsync(SecondFactorCommand command, string password, CancellationToken cancellationToken)
    {
        // The table, not what the Gateway remembers: that may be seconds old.
        if (command.Caller.SecondFactor is not { Answer: SecondFactorAnswer.Accepted }
            && await db.FindEnrolmentAsync(command.Caller.UserId!, cancellationToken) is not null)
        {
            return new ChangeSecondFactorOutcome.Wanted();
        }

        return await checkPassword.ExecuteAsync(new PasswordAttempt(command.Caller.UserName!, password, command.Address), cancellationToken) switch
        {
            CheckPasswordOutcome.Throttled(var wait) => new ChangeSecondFactorOutcome.Throttled(wait),
            CheckPasswordOutcome.Rejected => new ChangeSecondFactorOutcome.WrongPassword(),
            _ => null,
        };
    }

    /// <summary>Looks at a code of an enrolment that is not in force yet; an accepted one is spent.</summary>
    public async Task<CheckCodeOutcome> CheckAsync(Enrolment pending, string code, CancellationToken cancellationToken)
    {
        if (await throttle.EnterSecondFactorAsync(pending.AccountId, cancellationToken) is { } wait)
        {
            return new CheckCodeOutcome.Throttled(wait);
        }

        if (protection.Unprotect(pending.Secret, pending.AccountId) is not { } secret || OneTimePassword.StepOf(code.Trim(), secret, Now) is not { } step)
        {
            return new CheckCodeOutcome.Refused();
        }

        await throttle.SecondFactorSucceededAsync(pending.AccountId, cancellationToken);
        var spent = new SpentCode
        {
            AccountId = pending.AccountId,
            Code = CheckCode.IdOf(step),
            Operation = TokenSecret.Hash("confirm"),
            ExpiresAt = Now + SecondFactorQueries.RepeatedWithin,
        };
        return await db.SpendCodeAsync(spent, cancellationToken) ? new CheckCodeOutcome.Accepted() : new CheckCodeOutcome.Refused();
    }
}
