using Microsoft.EntityFrameworkCore;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Data;

/// <summary>The queries of what documents are put together from.</summary>
internal static class DocumentQueries
{
    /// <summary>A package's versions, or one of them, with the fragments of one document, in the order of semver.</summary>
    public static IQueryable<StoredVersion> StoredVersions(this PackageDbContext db, long packageId, PackumentForm form, string? only = null)
    {
        var isFull = form == PackumentForm.Full;
        return db.Versions.AsNoTracking()
            .Where(v => v.PackageId == packageId && (only == null || v.Version == only))
            .OrderBy(v => v.SortKey).ThenBy(v => v.Version)
            .Select(v => new StoredVersion(
                v.Version,
                v.PublishedAt,
                v.Deprecated,
                v.Fragments!.Layout,
                isFull ? v.Fragments.FullHead : v.Fragments.AbbreviatedHead,
                v.Fragments.Dist,
                v.Fragments.ProvenanceType));
    }

    /// <summary>The readme of the version that <c>latest</c> names; null when it has none, or was published before readmes were kept by version.</summary>
    public static Task<VersionReadme?> ReadmeOfLatestAsync(this PackageDbContext db, long packageId, CancellationToken cancellationToken) =>
        (from tag in db.DistTags
         join version in db.Versions on new { tag.PackageId, tag.Version } equals new { version.PackageId, version.Version }
         join readme in db.Readmes.AsNoTracking() on version.Id equals readme.VersionId
         where tag.PackageId == packageId && tag.Tag == DistTagName.Latest.Value
         select readme).SingleOrDefaultAsync(cancellationToken);

    /// <summary>
    /// Versions whose fragments are missing or of an older layout, locked until the transaction ends: those of one package, or any that nobody
    /// else has in hand.
    /// </summary>
    public static Task<List<long>> LockIncompleteAsync(this PackageDbContext db, long? packageId, int limit, CancellationToken cancellationToken) =>
        packageId is { } id
            ? db.Database
                .SqlQuery<long>($"""
                    SELECT id FROM versions WHERE package_id = {id} AND (layout IS NULL OR layout < {VersionFragments.CurrentLayout})
                    ORDER BY id LIMIT {limit} FOR UPDATE
                    """)
                .ToListAsync(cancellationToken)
            : db.Database
                .SqlQuery<long>($"""
                    SELECT id FROM versions WHERE layout IS NULL OR layout < {VersionFragments.CurrentLayout}
                    LIMIT {limit} FOR UPDATE SKIP LOCKED
                    """)
                .ToListAsync(cancellationToken);
}
