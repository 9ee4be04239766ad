using System.Runtime.CompilerServices;

using Microsoft.EntityFrameworkCore;

using Registry.SearchService.Index;

namespace Registry.SearchService.Data;

/// <summary>The SQL of the two sets of tables: the one in use, and the one being built, whose names end in <c>_next</c>.</summary>
internal static class TableQueries
{
    // Names of indexes and constraints go with the tables, so that later migrations find them.
    private static readonly string[] Tables = ["documents", "name_terms"];

    private static readonly string[] Indexes =
        ["pk_documents", "ix_documents_terms", "ix_documents_name_folded", "ix_documents_package", "pk_name_terms", "ix_name_terms_remainders"];

    private static readonly string Swap =
        string.Concat([.. Tables.Select(name => Exchange("TABLE", name)), .. Indexes.Select(name => Exchange("INDEX", name))])
        + "TRUNCATE documents_next, name_terms_next;";

    /// <summary>A statement about the tables in a role: they are written as those in use.</summary>
    public static FormattableString In(IndexRole role, FormattableString sql) =>
        role == IndexRole.Live
            ? sql
            : FormattableStringFactory.Create(
                sql.Format.Replace("documents", "documents_next", StringComparison.Ordinal).Replace("name_terms", "name_terms_next", StringComparison.Ordinal),
                sql.GetArguments());

    /// <summary>The identity of the tables in a role.</summary>
    public static async Task<Guid?> FindTablesAsync(this SearchDbContext db, IndexRole role, CancellationToken cancellationToken) =>
        (await db.TableIdentities.AsNoTracking().SingleOrDefaultAsync(tables => tables.Role == Name(role), cancellationToken))?.Identity;

    /// <summary>Empties the tables in a role, in a moment however much is in them, and gives them this identity.</summary>
    public static async Task ClearTablesAsync(this SearchDbContext db, IndexRole role, Guid identity, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(In(role, $"TRUNCATE documents, name_terms"), cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO table_identities (role, identity) VALUES ({Name(role)}, {identity})
            ON CONFLICT (role) DO UPDATE SET identity = excluded.identity
            """,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The tables being built become those in use; those are emptied and wait for the next time.</summary>
    public static async Task SwapTablesAsync(this SearchDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.FindTablesAsync(IndexRole.Next, cancellationToken) is { } next)
        {
            await db.Database.ExecuteSqlRawAsync(Swap, cancellationToken);
            await db.Database.ExecuteSqlAsync($"DELETE FROM table_identities WHERE role = {Name(IndexRole.Next)}", cancellationToken);
            await db.Database.ExecuteSqlAsync(
                $"UPDATE table_identities SET identity = {next} WHERE role = {Name(IndexRole.Live)}", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The revisions after this package, in byte order.</summary>
    public static Task<List<PackageRevision>> RevisionsAfterAsync(
        this SearchDbContext db, IndexRole role, PackageRevision last, int limit, CancellationToken cancellationToken) =>
        db.Database
            .SqlQuery<PackageRevision>(In(role, $"""
                SELECT repository AS "Repository", package AS "Package", revision AS "Revision" FROM documents
                WHERE (repository, package) > ({last.Repository}, {last.Package})
                ORDER BY repository, package LIMIT {limit}
                """))
            .ToListAsync(cancellationToken);

    private static string Name(IndexRole role) => role == IndexRole.Live ? "live" : "next";

    private static string Exchange(string kind, string name) =>
        $"ALTER {kind} {name} RENAME TO {name}_old; ALTER {kind} {name}_next RENAME TO {name}; ALTER {kind} {name}_old RENAME TO {name}_next;\n";
}
