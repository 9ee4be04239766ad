using Microsoft.EntityFrameworkCore;

namespace Registry.PackageService.Data;

/// <summary>What the feed is asked.</summary>
internal static class FeedQueries
{
    /// <summary>The last position; 0 while nothing has changed.</summary>
    public static async Task<long> ChangesHeadAsync(this PackageDbContext db, CancellationToken cancellationToken) =>
        await db.Changes.MaxAsync(c => (long?)c.Position, cancellationToken) ?? 0;

    /// <summary>The next changes of a repository, forwards or backwards.</summary>
    /// <param name="db">The database.</param>
    /// <param name="repository">The repository's name.</param>
    /// <param name="positions">After the first, up to the second.</param>
    /// <param name="page">The way to go, and how many changes at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<List<FeedRow>> FeedRowsAsync(
        this PackageDbContext db, string repository, (long After, long UpTo) positions, (bool IsBackwards, int Most) page, CancellationToken cancellationToken)
    {
        var rows = db.Changes.AsNoTracking().Where(c => c.Repository == repository && c.Position > positions.After && c.Position <= positions.UpTo);
        return (page.IsBackwards ? rows.OrderByDescending(c => c.Position) : rows.OrderBy(c => c.Position))
            .Take(page.Most)
            .Select(c => new FeedRow(
                c.Position,
                c.Package,
                !c.IsPublic
                    && db.Changes.Where(d => d.Repository == c.Repository && d.Package == c.Package && d.Position < c.Position)
                        .OrderByDescending(d => d.Position).Select(d => d.IsPublic).FirstOrDefault()
                    && !db.Changes.Any(d => d.Repository == c.Repository && d.Package == c.Package && d.Position > c.Position && d.IsPublic)))
            .ToListAsync(cancellationToken);
    }
}

/// <summary>A change as mirrors need it.</summary>
/// <param name="Position">Its place.</param>
/// <param name="Package">The package.</param>
/// <param name="EndsPublic">The package was public until then, and never after: who may not read it is told that it is gone, and nothing since.</param>
internal sealed record FeedRow(long Position, string Package, bool EndsPublic);
