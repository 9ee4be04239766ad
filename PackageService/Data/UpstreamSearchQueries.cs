using Microsoft.EntityFrameworkCore;

namespace Registry.PackageService.Data;

/// <summary>The SQL of searching in upstreams.</summary>
internal static class UpstreamSearchQueries
{
    /// <summary>What decides whether upstreams are searched for a repository; null when there is no such repository.</summary>
    public static Task<SearchedRepository?> FindSearchedRepositoryAsync(this PackageDbContext db, string repository, CancellationToken cancellationToken) =>
        db.Database
            .SqlQuery<SearchedRepository>($"""
                SELECT r.uses_upstreams AS "UsesUpstreams", r.read_access = 'everyone' AS "IsForEveryone",
                    coalesce((SELECT max(u.revision) FROM upstreams u), 0) AS "Revision"
                FROM repositories r WHERE r.name = {repository}
                """)
            .SingleOrDefaultAsync(cancellationToken);

    /// <summary>Which of these folded spellings are those of packages that are or were published here, whoever may read them.</summary>
    public static Task<List<string>> ClaimedSpellingsAsync(
        this PackageDbContext db, string repository, string[] folded, CancellationToken cancellationToken) =>
        db.Database
            .SqlQuery<string>($"""
                SELECT f.folded AS "Value" FROM repositories r CROSS JOIN unnest({folded}) AS f(folded)
                WHERE r.name = {repository}
                    AND (EXISTS (SELECT 1 FROM packages p WHERE p.repository_id = r.id AND p.folded_name = f.folded)
                        OR EXISTS (SELECT 1 FROM tombstones t WHERE t.repository_id = r.id AND lower(translate(t.name, '-_.', '')) = f.folded))
                """)
            .ToListAsync(cancellationToken);
}

/// <summary>A repository, as far as it decides whether upstreams are searched.</summary>
/// <param name="UsesUpstreams">The repository falls through.</param>
/// <param name="IsForEveryone">The repository may be read without an account.</param>
/// <param name="Revision">The last change of any upstream.</param>
internal sealed record SearchedRepository(bool UsesUpstreams, bool IsForEveryone, long Revision);
