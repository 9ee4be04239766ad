using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http.Packages;

namespace Registry.PackageService.Data;

/// <summary>The SQL of what packages were at a position of the feed.</summary>
internal static class RevisionQueries
{
    /// <summary>How many packages ever changed up to a position, and their <see cref="RevisionDigest"/>.</summary>
    public static Task<DigestRow> DigestRevisionsAsync(
        this PackageDbContext db, long position, IReadOnlyList<PackageKey> except, CancellationToken cancellationToken)
    {
        var (repositories, packages) = (except.Select(package => package.Repository).ToArray(), except.Select(package => package.Package).ToArray());
        return db.Database
            .SqlQuery<DigestRow>($"""
                SELECT count(*) AS "Packages", (coalesce(sum(('x' || left(encode(sha256(
                        convert_to(repository, 'UTF8') || '\x00' || convert_to(package, 'UTF8') || '\x00' || convert_to(revision::text, 'UTF8')
                    ), 'hex'), 15))::bit(60)::bigint), 0) % (1::bigint << 60))::bigint AS "Digest"
                FROM (SELECT repository, package, max(position) AS revision FROM changes WHERE position <= {position} GROUP BY repository, package) AS known
                WHERE (repository, package) NOT IN (SELECT * FROM unnest({repositories}, {packages}))
                """)
            .SingleAsync(cancellationToken);
    }

    /// <summary>Packages that ever changed up to a position with their revisions there, in byte order, after one of them.</summary>
    public static Task<List<RevisionEntry>> RevisionsAsync(
        this PackageDbContext db, long position, PackageKey after, int limit, CancellationToken cancellationToken) =>
        db.Database
            .SqlQuery<RevisionEntry>($"""
                SELECT repository AS "Repository", package AS "Package", max(position) AS "Revision" FROM changes
                WHERE position <= {position} AND (repository, package) > ({after.Repository}, {after.Package})
                GROUP BY repository, package ORDER BY repository, package LIMIT {limit}
                """)
            .ToListAsync(cancellationToken);
}

/// <summary>How many packages, and their digest.</summary>
internal sealed record DigestRow(long Packages, long Digest);
