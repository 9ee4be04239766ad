using System.Security.Cryptography;

using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;
using Registry.AuthService.Throttling;

namespace Registry.AuthService.Features.SigningUp;

/// <summary>Somebody asks for an account, with whatever entitles them to one.</summary>
internal sealed record SignUpCommand(AccountName Name, string Password, string? Email, string? Invitation, string? SetupToken, string? Address)
{
    /// <summary>The request came to an address that is the registry's own, and not from the page of another site.</summary>
    public required bool IsToOwnAddress { get; init; }
}

/// <summary>How signing up ended.</summary>
internal abstract record SignUpOutcome
{
    private SignUpOutcome()
    {
    }

    public sealed record SignedUp(Account Account, string Secret) : SignUpOutcome;

    public sealed record Refused(string Code, string Sentence) : SignUpOutcome;

    public sealed record NameTaken : SignUpOutcome;

    public sealed record Throttled(TimeSpan RetryAfter) : SignUpOutcome;
}

/// <summary>Applies the sign-up rule; the set-up token goes before it.</summary>
internal sealed class SignUp(CreateAccount createAccount, AttemptThrottle throttle, IOptions<AccountsOptions> options)
{
    public async Task<SignUpOutcome> ExecuteAsync(SignUpCommand command, CancellationToken cancellationToken)
    {
        if (await throttle.EnterSignUpAsync(command.Address, cancellationToken) is { } wait)
        {
            return new SignUpOutcome.Throttled(wait);
        }

        if (Refusal(command) is { } refusal)
        {
            return refusal;
        }

        return await createAccount.ExecuteAsync(CreationFrom(command), cancellationToken) switch
        {
            CreateAccountOutcome.Created(var account, var secret) => new SignUpOutcome.SignedUp(account, secret!),
            CreateAccountOutcome.InvitationNotValid => new SignUpOutcome.Refused(
                "invitation_not_valid", "This invitation is not valid (any more): ask an administrator for a new one"),
            CreateAccountOutcome.AdministratorExists => SetupTokenNotValid(),
            CreateAccountOutcome.Busy => new SignUpOutcome.Throttled(TimeSpan.FromSeconds(1)),
            _ => new SignUpOutcome.NameTaken(),
        };
    }

    private static SignUpOutcome.Refused SetupTokenNotValid() =>
        new("setup_token_not_valid", "This set-up token is not valid: it makes the first administrator, and works until there is one");

    private static CreateAccountCommand CreationFrom(SignUpCommand command) =>
        new(command.Name, command.Password, command.Email)
        {
            IsAdministrator = command.SetupToken is not null,
            Ground = command.SetupToken is not null ? AccountGround.Setup
                : command.Invitation is not null ? AccountGround.Invitation
                : AccountGround.Permitted,
            Invitation = command.Invitation,
            Token = new TokenGrant("sign-up"),
        };

    private SignUpOutcome.Refused? Refusal(SignUpCommand command)
    {
        if (command.SetupToken is not null)
        {
            return IsSetupToken(command.SetupToken) ? null : SetupTokenNotValid();
        }

        return options.Value.Rule switch
        {
            SignUpRule.Closed => new("sign_up_closed", "Sign-up is closed: ask an administrator to make an account for you"),
            SignUpRule.Invite or SignUpRule.Open when command.Invitation is null && !(options.Value.Rule == SignUpRule.Open && command.IsToOwnAddress) => new(
                "sign_up_by_invitation", "New accounts need an invitation: ask an administrator for an invitation code"),
            _ when command.Name.IsReserved => new("name_reserved", $"The name {command.Name} is reserved: choose another"),
            _ => null,
        };
    }

    private bool IsSetupToken(string sent) =>
        options.Value.SetupToken is { Length: > 0 } expected
        && CryptographicOperations.FixedTimeEquals(TokenSecret.Hash(sent), TokenSecret.Hash(expected));
}
