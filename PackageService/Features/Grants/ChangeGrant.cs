using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Events;
using Registry.Contracts.Http;
using Registry.Contracts.Http.Auth;
using Registry.PackageService.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Grants;

/// <summary>A package and a team, on whose behalf.</summary>
internal sealed record TeamPackage(string Repository, PackageName Package, TeamName Team, Caller Caller);

/// <summary>How giving a package to a team, or taking it, ended.</summary>
internal abstract record ChangeGrantOutcome
{
    private ChangeGrantOutcome()
    {
    }

    /// <summary>It is as asked for.</summary>
    internal sealed record Done : ChangeGrantOutcome;

    /// <summary>It is not; nothing was changed.</summary>
    internal sealed record Refused(Refusal Refusal) : ChangeGrantOutcome;
}

/// <summary>
/// Gives a package to a team, or takes it (npm protocol 3.7). For owners and admins of the team's organisation who may change the package; an
/// owner disposes of every package in the organisation's scope, so that none is lost with the last who had it.
/// </summary>
internal sealed class ChangeGrant(PackageDbContext db, PackageAccess access, AuthClient auth, ChangeLog changes, PackageTransaction transaction)
{
    /// <summary>Gives or takes.</summary>
    /// <param name="target">The package and the team.</param>
    /// <param name="canWrite">Whether the team may change the package as well; null takes it from the team.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HttpRequestException">AuthService could not be asked about the team; nothing was changed.</exception>
    /// <exception cref="TimeoutException">AuthService or the database took too long; nothing was changed.</exception>
    public async Task<ChangeGrantOutcome> ExecuteAsync(TeamPackage target, bool? canWrite, CancellationToken cancellationToken)
    {
        if (TeamRefusals.RefuseToken(target.Caller, target.Team.Scope.Value) is { } limited)
        {
            return new ChangeGrantOutcome.Refused(limited);
        }

        // Asked outside the transaction: a slow AuthService must not hold locks.
        var found = await auth.FindTeamAsync(target.Team, target.Caller.UserId, cancellationToken);
        var role = target.Caller.IsAdministrator ? "owner" : found?.Role;
        if (found is null || role is null)
        {
            return new ChangeGrantOutcome.Refused(TeamRefusals.NotFound(target.Team));
        }

        return role is "owner" or "admin"
            ? await transaction.RunAsync(token => DecideAsync(target, found.Team, canWrite, role == "owner", token), cancellationToken)
                ?? new ChangeGrantOutcome.Refused(Refusal.Unavailable)
            : new ChangeGrantOutcome.Refused(new Refusal(
                RefusalReason.Forbidden, "role_required", $"Only owners and admins of the organisation {target.Team.Scope} give packages to its teams"));
    }

    private async Task<Decision<ChangeGrantOutcome>> DecideAsync(
        TeamPackage target, TeamReference team, bool? canWrite, bool isOwner, CancellationToken cancellationToken)
    {
        var (package, refusal) = await access.LockForChangeAsync(target.Repository, target.Package, target.Caller, cancellationToken);
        if (package is not null && isOwner && target.Package.Scope == target.Team.Scope.Value)
        {
            refusal = Rights.RefuseToken(target.Caller, package.Name) ?? Rights.RefuseSecondFactor(package, target.Caller);
        }

        refusal ??= canWrite is { } write
            ? await GiveAsync(package!, team, write, cancellationToken)
            : await TakeAsync(package!, team, cancellationToken);
        if (refusal is not null)
        {
            return new Decision<ChangeGrantOutcome>(new ChangeGrantOutcome.Refused(refusal));
        }

        var done = new ChangeGrantOutcome.Done();
        return db.ChangeTracker.Entries<Grant>().All(entry => entry.State == EntityState.Unchanged)
            ? new Decision<ChangeGrantOutcome>(done) // it had it already
            : new Decision<ChangeGrantOutcome>(
                done, await changes.AppendAsync(target.Repository, package!, PackageChangeKind.Access, null, cancellationToken));
    }

    private async Task<Refusal?> GiveAsync(Package package, TeamReference team, bool canWrite, CancellationToken cancellationToken)
    {
        var grants = await db.Grants.Where(g => g.PackageId == package.Id).ToListAsync(cancellationToken);
        if (grants.Find(g => g.Scope == team.Scope && g.Team == team.Name) is { } row)
        {
            (row.TeamId, row.CanWrite) = (team.Id, canWrite); // perhaps a team made anew under its old name
            return null;
        }

        if (grants.Count >= TeamMembersRequest.MostTeams)
        {
            return new Refusal(RefusalReason.Invalid, "too_many_grants", $"A package can be given to at most {TeamMembersRequest.MostTeams} teams");
        }

        db.Grants.Add(new Grant { PackageId = package.Id, Scope = team.Scope, Team = team.Name, TeamId = team.Id, CanWrite = canWrite });
        return null;
    }

    private async Task<Refusal?> TakeAsync(Package package, TeamReference team, CancellationToken cancellationToken)
    {
        if (await db.Grants.SingleOrDefaultAsync(g => g.PackageId == package.Id && g.TeamId == team.Id, cancellationToken) is not { } row)
        {
            return new Refusal(RefusalReason.NotFound, "grant_not_found", $"The team {team.Scope}:{team.Name} was not given {package.Name}");
        }

        db.Grants.Remove(row);
        return null;
    }
}
