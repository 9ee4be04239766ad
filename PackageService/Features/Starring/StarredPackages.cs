using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http;
using Registry.PackageService.Data;

namespace Registry.PackageService.Features.Starring;

/// <summary>What somebody starred, as far as the caller may read it.</summary>
internal sealed class StarredPackages(PackageDbContext db, PackageAccess access)
{
    private const int MostNames = 1000;

    /// <summary>The names of the packages, in order, at most 1,000.</summary>
    public async Task<IReadOnlyList<string>> ExecuteAsync(string repository, string user, Caller caller, CancellationToken cancellationToken)
    {
        if (user.Contains('\0', StringComparison.Ordinal)) // no name, and nothing the database can be asked for
        {
            return [];
        }

        var names = await db.Packages
            .Where(p => db.Repositories.Any(r => r.Id == p.RepositoryId && r.Name == repository)
                && db.Stars.Any(s => s.PackageId == p.Id && s.UserName == user))
            .OrderBy(p => p.Name).Take(MostNames).Select(p => p.Name).ToListAsync(cancellationToken);
        return [.. (await access.FindReadableAsync(repository, names, caller, cancellationToken)).Keys.Order(StringComparer.Ordinal)];
    }
}
