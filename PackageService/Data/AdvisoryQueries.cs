using Microsoft.EntityFrameworkCore;

namespace Registry.PackageService.Data;

/// <summary>The SQL of advisories.</summary>
internal static class AdvisoryQueries
{
    /// <summary>What is known of packages, withdrawn ones left out.</summary>
    public static Task<List<AdvisoryRow>> AdvisoriesOfAsync(this PackageDbContext db, string[] packages, CancellationToken cancellationToken) =>
        db.Advisories.AsNoTracking().Where(a => packages.Contains(a.Package) && a.WithdrawnAt == null).OrderBy(a => a.Id).ToListAsync(cancellationToken);

    /// <summary>A page of all, by number.</summary>
    /// <param name="db">The database.</param>
    /// <param name="package">The package they are of; null for all.</param>
    /// <param name="after">The number the page begins after.</param>
    /// <param name="limit">Most on the page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<List<AdvisoryRow>> AdvisoriesAfterAsync(
        this PackageDbContext db, string? package, long after, int limit, CancellationToken cancellationToken) =>
        db.Advisories.AsNoTracking().Where(a => a.Id > after && (package == null || a.Package == package)).OrderBy(a => a.Id).Take(limit).ToListAsync(cancellationToken);

    /// <summary>Holds back others who change advisories until the transaction ends.</summary>
    public static Task LockAdvisoriesAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"LOCK TABLE advisories IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
}
