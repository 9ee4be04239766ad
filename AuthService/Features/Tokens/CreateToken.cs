using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.Contracts.Http;

namespace Registry.AuthService.Features.Tokens;

/// <summary>Somebody makes a token of the own account, whose password shows that it is not merely somebody with another token of it.</summary>
internal sealed record CreateTokenCommand(Caller Caller, string Password, TokenTerms Terms, string? Address)
{
    /// <summary>The token reaches no package at all.</summary>
    public bool ReachesNoPackage { get; init; }

    /// <summary>The token reaches no organisation.</summary>
    public bool ReachesNoOrganisation { get; init; }
}

/// <summary>How making a token ended.</summary>
internal abstract record CreateTokenOutcome
{
    private CreateTokenOutcome()
    {
    }

    public sealed record Created(AccessToken Token, string Secret) : CreateTokenOutcome;

    public sealed record WrongPassword : CreateTokenOutcome;

    /// <summary>The token that asks is limited: what it makes could be wider.</summary>
    public sealed record Limited : CreateTokenOutcome;

    public sealed record TooMany(int Most) : CreateTokenOutcome;

    public sealed record Throttled(TimeSpan RetryAfter) : CreateTokenOutcome;
}

/// <summary>Makes an access token for the caller's own account.</summary>
internal sealed class CreateToken(
    AuthDbContext db, CheckPassword checkPassword, AccessTokens tokens, TimeProvider clock, IOptions<AccountsOptions> options)
{
    public async Task<CreateTokenOutcome> ExecuteAsync(CreateTokenCommand command, CancellationToken cancellationToken)
    {
        if (await IsLimitedAsync(command.Caller, cancellationToken))
        {
            return new CreateTokenOutcome.Limited();
        }

        var attempt = new PasswordAttempt(command.Caller.UserName!, command.Password, command.Address);
        switch (await checkPassword.ExecuteAsync(attempt, cancellationToken))
        {
            case CheckPasswordOutcome.Throttled(var wait):
                return new CreateTokenOutcome.Throttled(wait);
            case CheckPasswordOutcome.Rejected:
                return new CreateTokenOutcome.WrongPassword();
        }

        // A token that somebody made on purpose does not give way to the next one, as those of log-ins do.
        var now = clock.GetUtcNow();
        if (await db.CountTokensAsync(command.Caller.UserId!, now, cancellationToken) >= options.Value.MaxTokensPerAccount)
        {
            return new CreateTokenOutcome.TooMany(options.Value.MaxTokensPerAccount);
        }

        var grant = command.Terms.Grant(now);
        grant = command.ReachesNoPackage ? grant with { Packages = [], Scopes = [] } : grant;
        grant = command.ReachesNoOrganisation ? grant with { Organisations = [] } : grant;
        var (token, secret) = tokens.Issue(command.Caller.UserId!, grant);
        await db.SaveChangesAsync(cancellationToken);
        return new CreateTokenOutcome.Created(token, secret);
    }

    private async Task<bool> IsLimitedAsync(Caller caller, CancellationToken cancellationToken) =>
        caller.Limits is not null
        || (CredentialId.TokenIn(caller.CredentialId) is { } id
            && await db.AccessTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, cancellationToken) is { IsLimited: true });
}
