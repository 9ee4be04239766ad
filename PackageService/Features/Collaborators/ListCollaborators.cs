using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Auth;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Collaborators;

/// <summary>Somebody whom a package was given to.</summary>
internal sealed record Collaborator(string User, string? Email, bool CanWrite);

/// <summary>Puts together who may do what with a package.</summary>
internal sealed class ListCollaborators(PackageDbContext db, AuthClient auth)
{
    /// <summary>Everybody by name, each once with the most he may do.</summary>
    /// <exception cref="HttpRequestException">AuthService could not be asked about the teams.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task<IReadOnlyList<Collaborator>> ExecuteAsync(Package package, bool withTeams, CancellationToken cancellationToken)
    {
        var maintainers = await db.MaintainersOfAsync(package.Id, cancellationToken);
        var members = withTeams ? await OfTeamsAsync(package, cancellationToken) : [];
        return
        [
            .. maintainers.Select(person => new Collaborator(person.Name, person.Email, true)).Concat(members)
                .GroupBy(one => one.User, StringComparer.Ordinal)
                .Select(same => same.OrderByDescending(one => one.CanWrite).First())
                .OrderBy(one => one.User, StringComparer.Ordinal),
        ];
    }

    private async Task<IEnumerable<Collaborator>> OfTeamsAsync(Package package, CancellationToken cancellationToken)
    {
        var grants = await db.Grants.AsNoTracking().Where(g => g.PackageId == package.Id).ToDictionaryAsync(g => g.TeamId, g => g.CanWrite, cancellationToken);
        return grants.Count == 0
            ? []
            : (await auth.ListTeamMembersAsync([.. grants.Keys], cancellationToken)).Select(member => new Collaborator(member.User, member.Email, grants[member.TeamId]));
    }
}
