using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

namespace Registry.AuthService.Accounts;

/// <summary>Who may have an account.</summary>
internal sealed class AccountsOptions
{
    public const string Section = "Accounts";

    /// <summary>Who may sign up: <c>open</c>, <c>invite</c> or <c>closed</c>. Not set: <c>open</c> if not exposed, else <c>invite</c>.</summary>
    public string? SignUp { get; set; }

    /// <summary>The registry is reachable from beyond this machine: it listens beyond loopback or has a public URL.</summary>
    public bool Exposed { get; set; } = true;

    /// <summary>What makes the first administrator, at least 16 characters; not set: only the operator's command does.</summary>
    [MinLength(16, ErrorMessage = "Accounts:SetupToken is too short to be a secret: give it at least 16 characters.")]
    public string? SetupToken { get; set; }

    /// <summary>PBKDF2-HMAC-SHA512 iterations per password; a password hashed with fewer is hashed anew at the next log-in.</summary>
    [Range(100_000, 10_000_000)]
    public int PasswordIterations { get; set; } = 210_000;

    /// <summary>Passwords hashed at one time; not set: one per processor. More wait, up to 32 for each of these.</summary>
    [Range(1, 1024)]
    public int? ConcurrentHashes { get; set; }

    /// <summary>Access tokens one account may have; a log-in beyond that retires the one unused for longest.</summary>
    [Range(1, 100_000)]
    public int MaxTokensPerAccount { get; set; } = 500;

    /// <summary>Scopes one account may own; it gets no further one.</summary>
    [Range(1, 100_000)]
    public int MaxScopesPerAccount { get; set; } = 100;

    /// <summary>Members one organisation may have.</summary>
    [Range(1, 10_000)]
    public int MaxMembersPerOrganisation { get; set; } = 1000;

    /// <summary>Teams one organisation may have.</summary>
    [Range(1, 10_000)]
    public int MaxTeamsPerOrganisation { get; set; } = 200;

    /// <summary>Teams one account may be in; their ids travel in a header of every request between services.</summary>
    [Range(1, 200)]
    public int MaxTeamsPerAccount { get; set; } = 100;

    /// <summary>The sign-up rule in force.</summary>
    internal SignUpRule Rule =>
        ParsedRule ?? (Exposed ? SignUpRule.Invite : SignUpRule.Open);

    internal SignUpRule? ParsedRule =>
        SignUp switch
        {
            "open" => SignUpRule.Open,
            "invite" => SignUpRule.Invite,
            "closed" => SignUpRule.Closed,
            _ => null,
        };
}

/// <summary>Who may sign up.</summary>
internal enum SignUpRule
{
    /// <summary>Whoever reaches the registry.</summary>
    Open,

    /// <summary>Whoever holds an invitation.</summary>
    Invite,

    /// <summary>Nobody: the operator creates accounts.</summary>
    Closed,
}

/// <summary>Refuses a sign-up rule that would give accounts to strangers.</summary>
internal sealed class AccountsOptionsValidator : IValidateOptions<AccountsOptions>
{
    public ValidateOptionsResult Validate(string? name, AccountsOptions options)
    {
        if (!string.IsNullOrEmpty(options.SignUp) && options.ParsedRule is null)
        {
            return ValidateOptionsResult.Fail($"Accounts:SignUp is '{options.SignUp}': it must be open, invite or closed.");
        }

        return options is { ParsedRule: SignUpRule.Open, Exposed: true }
            ? ValidateOptionsResult.Fail(
                "Accounts:SignUp is open, but this registry can be reached from beyond this machine: anybody could make an account. "
                + "Set it to invite or closed, or bind the registry to loopback without a public URL.")
            : ValidateOptionsResult.Success;
    }
}
