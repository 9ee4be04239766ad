using Microsoft.EntityFrameworkCore;

using Npgsql;

using Registry.AuthService.Data;

namespace Registry.AuthService.Accounts;

/// <summary>On whose word an account is made.</summary>
internal enum AccountGround
{
    /// <summary>The operator's, or the open sign-up rule's.</summary>
    Permitted,

    /// <summary>An invitation's, which is used up.</summary>
    Invitation,

    /// <summary>The set-up token's, which works while there is no administrator.</summary>
    Setup,
}

/// <summary>An account to make; its values have been checked.</summary>
internal sealed record CreateAccountCommand(AccountName Name, string Password, string? Email)
{
    public bool IsAdministrator { get; init; }

    public AccountGround Ground { get; init; }

    public string? Invitation { get; init; }

    /// <summary>The access token to make along with it; null for none.</summary>
    public TokenGrant? Token { get; init; }
}

/// <summary>How making an account ended.</summary>
internal abstract record CreateAccountOutcome
{
    private CreateAccountOutcome()
    {
    }

    public sealed record Created(Account Account, string? Secret) : CreateAccountOutcome;

    public sealed record NameTaken : CreateAccountOutcome;

    public sealed record InvitationNotValid : CreateAccountOutcome;

    public sealed record AdministratorExists : CreateAccountOutcome;

    public sealed record Busy : CreateAccountOutcome;
}

/// <summary>Makes an account, the scope of its name, and its first token, or nothing at all.</summary>
internal sealed partial class CreateAccount(
    AuthDbContext db, PasswordHashing hashing, AccessTokens tokens, TimeProvider clock, ILogger<CreateAccount> logger)
{
    public async Task<CreateAccountOutcome> ExecuteAsync(CreateAccountCommand command, CancellationToken cancellationToken)
    {
        if (await db.IsNameTakenAsync(command.Name.Folded, cancellationToken))
        {
            return new CreateAccountOutcome.NameTaken(); // asked again below; this saves hashing
        }

        if (await hashing.HashAsync(command.Password, cancellationToken) is not { } hash)
        {
            return new CreateAccountOutcome.Busy();
        }

        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (await RefusalAsync(command, cancellationToken) is { } refusal)
            {
                return refusal;
            }

            var created = Add(command, hash);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            LogCreated(created.Account.Name, created.Account.IsAdministrator);
            return created;
        }
        catch (DbUpdateException conflict) when (conflict.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            db.ChangeTracker.Clear(); // a scope of this name was claimed meanwhile: claims do not take the lock
            return new CreateAccountOutcome.NameTaken();
        }
    }

    private async Task<CreateAccountOutcome?> RefusalAsync(CreateAccountCommand command, CancellationToken cancellationToken)
    {
        await db.LockNameAsync(command.Name.Folded, cancellationToken);
        if (await db.IsNameTakenAsync(command.Name.Folded, cancellationToken))
        {
            return new CreateAccountOutcome.NameTaken();
        }

        if (command.IsAdministrator)
        {
            // Administrators are made one after the other, so that two set-up tokens cannot both find none.
            await db.LockAdministratorsAsync(cancellationToken);
        }

        return command.Ground switch
        {
            AccountGround.Setup when await db.Accounts.AnyAsync(a => a.IsAdministrator, cancellationToken) =>
                new CreateAccountOutcome.AdministratorExists(),
            AccountGround.Invitation when !await UseInvitationAsync(command.Invitation!, cancellationToken) =>
                new CreateAccountOutcome.InvitationNotValid(),
            _ => null,
        };
    }

    private async Task<bool> UseInvitationAsync(string code, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var hash = TokenSecret.Hash(code);
        return await db.Invitations
            .Where(i => i.CodeHash == hash && i.UsedAt == null && i.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.UsedAt, now), cancellationToken) == 1;
    }

    private CreateAccountOutcome.Created Add(CreateAccountCommand command, string hash)
    {
        var now = clock.GetUtcNow();
        var account = new Account
        {
            Id = Guid.CreateVersion7().ToString(),
            Name = command.Name.Value,
            FoldedName = command.Name.Folded,
            Email = string.IsNullOrEmpty(command.Email) ? null : command.Email,
            PasswordHash = hash,
            IsAdministrator = command.IsAdministrator,
            CreatedAt = now,
        };
        db.Accounts.Add(account);
        db.Scopes.Add(new OwnedScope
        {
            Scope = command.Name.Value,
            FoldedScope = command.Name.Folded,
            AccountId = account.Id,
            ClaimedAt = now,
        });
        return new CreateAccountOutcome.Created(account, command.Token is null ? null : tokens.Issue(account.Id, command.Token).Secret);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {AccountName} was created (administrator: {IsAdministrator})")]
    private partial void LogCreated(string accountName, bool isAdministrator);
}
