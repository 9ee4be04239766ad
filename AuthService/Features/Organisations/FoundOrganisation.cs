using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Organisations;
using Registry.Contracts.Http;

namespace Registry.AuthService.Features.Organisations;

/// <summary>
/// Makes a scope an organisation, with whoever asks as its first owner: a scope of the caller's own, or one that nobody owns yet. From then on
/// its members make packages in it, and not only the account that claimed it.
/// </summary>
internal sealed partial class FoundOrganisation(
    AuthDbContext db, OrganisationTransaction transaction, TimeProvider clock, IOptions<AccountsOptions> options, ILogger<FoundOrganisation> logger)
{
    public async Task<OrganisationOutcome> ExecuteAsync(ScopeName scope, Caller caller, CancellationToken cancellationToken)
    {
        var outcome = await transaction.RunAsync(token => FoundAsync(scope, caller, token), cancellationToken);
        if (outcome is OrganisationOutcome.MemberSet)
        {
            LogFounded(scope.Value, caller.UserName!);
        }

        return outcome;
    }

    /// <summary>Founds it within the transaction that is open, if the scope is the caller's; does nothing if it is not, or is an organisation.</summary>
    public async Task FoundIfOwnedAsync(ScopeName scope, Caller caller, CancellationToken cancellationToken)
    {
        if (await OwnerOfAsync(scope, cancellationToken) == caller.UserId && await db.FindOrganisationAsync(scope.Value, cancellationToken) is null)
        {
            await FoundAsync(scope, caller, cancellationToken);
        }
    }

    private async Task<OrganisationOutcome> FoundAsync(ScopeName scope, Caller caller, CancellationToken cancellationToken)
    {
        if (RefuseToken(caller, scope) is { } limited)
        {
            return new OrganisationOutcome.Refused(limited);
        }

        await db.LockNameAsync(scope.Folded, cancellationToken); // of two who found it at once, one does
        if (await db.FindOrganisationAsync(scope.Value, cancellationToken) is not null)
        {
            return new OrganisationOutcome.Refused(Taken(scope));
        }

        if (await RefuseScopeAsync(scope, caller, cancellationToken) is { } refusal)
        {
            return new OrganisationOutcome.Refused(refusal);
        }

        await AddAsync(scope, caller, cancellationToken);
        return new OrganisationOutcome.MemberSet(scope.Value, 1, caller.UserName!, OrganisationRole.Owner);
    }

    private static Refusal? RefuseToken(Caller caller, ScopeName scope) =>
        caller.Limits is { ReadOnly: true }
            ? new Refusal(RefusalReason.Forbidden, "token_read_only", "This access token may only read")
            : OrganisationAccess.RefuseToken(caller, scope.Value);

    /// <summary>Takes an unowned scope for the caller; a refusal when it is, or becomes, somebody else's.</summary>
    private async Task<Refusal?> RefuseScopeAsync(ScopeName scope, Caller caller, CancellationToken cancellationToken)
    {
        if (await OwnerOfAsync(scope, cancellationToken) == caller.UserId)
        {
            return null;
        }

        if (AccountName.Parse(scope.Value) is not { } name)
        {
            return Refusal.Invalid(AccountName.Rule.Replace("An account name", "An organisation's name", StringComparison.Ordinal));
        }

        if (name.IsReserved && !caller.IsAdministrator)
        {
            return Refusal.Invalid($"The name {scope} is reserved: choose another");
        }

        if (await db.Scopes.CountAsync(s => s.AccountId == caller.UserId, cancellationToken) >= options.Value.MaxScopesPerAccount)
        {
            return Refusal.TooMany("You own as many scopes as an account may");
        }

        var claim = new OwnedScope { Scope = scope.Value, FoldedScope = scope.Folded, AccountId = caller.UserId!, ClaimedAt = clock.GetUtcNow() };
        await db.ClaimScopeAsync(claim, cancellationToken);
        return await OwnerOfAsync(scope, cancellationToken) == caller.UserId ? null : Taken(scope);
    }

    private async Task AddAsync(ScopeName scope, Caller caller, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var organisation = new Organisation { Id = Guid.CreateVersion7().ToString(), Scope = scope.Value, CreatedAt = now };
        var team = new Team { Id = Guid.CreateVersion7().ToString(), OrganisationId = organisation.Id, Name = Team.Developers, CreatedAt = now };
        db.Organisations.Add(organisation);
        db.Teams.Add(team);
        db.OrganisationMembers.Add(
            new OrganisationMember { OrganisationId = organisation.Id, AccountId = caller.UserId!, Role = OrganisationRole.Owner, JoinedAt = now });
        db.TeamMembers.Add(new TeamMember { TeamId = team.Id, AccountId = caller.UserId!, JoinedAt = now });
        db.EnqueueMembershipsChanged(caller.UserId!, now);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Whose the scope is, in exactly this spelling; a look-alike of it is no organisation's name.</summary>
    private Task<string?> OwnerOfAsync(ScopeName scope, CancellationToken cancellationToken) =>
        db.Scopes.Where(s => s.Scope == scope.Value).Select(s => (string?)s.AccountId).SingleOrDefaultAsync(cancellationToken);

    private static Refusal Taken(ScopeName scope) =>
        new(RefusalReason.Conflict, "name_taken", $"The name {scope} is taken, or too easy to confuse with one that is: choose another");

    [LoggerMessage(Level = LogLevel.Information, Message = "The scope {Scope} became an organisation, owned by {AccountName}")]
    private partial void LogFounded(string scope, string accountName);
}
