using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Data;

/// <summary>A package in a list.</summary>
internal sealed record ListedPackage
{
    /// <summary>Its canonical full name.</summary>
    public required string Name { get; init; }

    /// <summary>It is not restricted.</summary>
    public required bool IsPublic { get; init; }

    /// <summary>Whoever the list is about may change it.</summary>
    public required bool CanWrite { get; init; }
}

/// <summary>Which packages belong to an organisation, a team or a user (npm protocol 3.7), as far as the caller may know of them.</summary>
internal sealed class PackageLists(PackageDbContext db)
{
    /// <summary>npm's protocol knows no pages here.</summary>
    private const int Most = 10_000;

    /// <summary>The packages of a scope, and what the caller may do with each.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="seesAll">The caller looks after the organisation.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<List<ListedPackage>> OfScopeAsync(
        string repository, ScopeName scope, Caller caller, bool seesAll, CancellationToken cancellationToken) =>
        ListAsync(
            VisibleTo(caller, repository, seesAll).Where(p => p.Name.StartsWith(scope.Prefix))
                .Select(p => new ListedPackage
                {
                    Name = p.Name,
                    IsPublic = p.Visibility == Visibility.Public,
                    CanWrite = db.Maintainers.Any(m => m.PackageId == p.Id && m.UserId == caller.UserId)
                        || db.Grants.Any(g => g.PackageId == p.Id && g.CanWrite && caller.TeamIds.Contains(g.TeamId)),
                }),
            caller,
            cancellationToken);

    /// <summary>The packages a team was given, and what for.</summary>
    public Task<List<ListedPackage>> OfTeamAsync(
        string repository, string teamId, Caller caller, bool seesAll, CancellationToken cancellationToken) =>
        ListAsync(
            from p in VisibleTo(caller, repository, seesAll)
            join g in db.Grants on p.Id equals g.PackageId
            where g.TeamId == teamId
            select new ListedPackage { Name = p.Name, IsPublic = p.Visibility == Visibility.Public, CanWrite = g.CanWrite },
            caller,
            cancellationToken);

    /// <summary>The packages a user maintains, and of the caller's own those that teams were given too: who is in a team is not for others.</summary>
    public Task<List<ListedPackage>> OfUserAsync(string repository, string userId, Caller caller, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> teams = userId == caller.UserId ? caller.TeamIds : [];
        return ListAsync(
            from p in VisibleTo(caller, repository, caller.IsAdministrator)
            let isMaintainer = db.Maintainers.Any(m => m.PackageId == p.Id && m.UserId == userId)
            where isMaintainer || db.Grants.Any(g => g.PackageId == p.Id && teams.Contains(g.TeamId))
            select new ListedPackage
            {
                Name = p.Name,
                IsPublic = p.Visibility == Visibility.Public,
                CanWrite = isMaintainer || db.Grants.Any(g => g.PackageId == p.Id && g.CanWrite && teams.Contains(g.TeamId)),
            },
            caller,
            cancellationToken);
    }

    private IQueryable<Package> VisibleTo(Caller caller, string repository, bool seesAll) =>
        db.Packages.AsNoTracking()
            .Where(p => db.Repositories.Any(r => r.Id == p.RepositoryId && r.Name == repository))
            .Where(p => seesAll || p.Visibility == Visibility.Public
                || db.Maintainers.Any(m => m.PackageId == p.Id && m.UserId == caller.UserId)
                || db.Grants.Any(g => g.PackageId == p.Id && caller.TeamIds.Contains(g.TeamId)));

    private static async Task<List<ListedPackage>> ListAsync(IQueryable<ListedPackage> packages, Caller caller, CancellationToken cancellationToken)
    {
        var listed = await packages.OrderBy(p => p.Name).Take(Most).ToListAsync(cancellationToken);
        return listed.FindAll(p => p.IsPublic || Rights.Covers(caller.Limits, p.Name));
    }
}
