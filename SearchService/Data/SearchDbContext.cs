using Microsoft.EntityFrameworkCore;

namespace Registry.SearchService.Data;

/// <summary>The search database: the index, where it stands in the feed of changes, and what was skipped.</summary>
internal sealed class SearchDbContext(DbContextOptions<SearchDbContext> options) : DbContext(options)
{
    /// <summary>Names compare byte by byte, whatever the server's locale: the order of pages must not depend on it.</summary>
    private const string ByBytes = "C";

    public DbSet<DocumentRow> Documents => Set<DocumentRow>();

    public DbSet<NameTermRow> NameTerms => Set<NameTermRow>();

    public DbSet<PositionRow> Positions => Set<PositionRow>();

    public DbSet<RefusedRow> Refused => Set<RefusedRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<DocumentRow>(document =>
        {
            document.ToTable("documents");
            document.HasKey(d => new { d.Repository, d.Package }).HasName("pk_documents");
            document.Property(d => d.Repository).HasColumnName("repository").UseCollation(ByBytes);
            document.Property(d => d.Package).HasColumnName("package").UseCollation(ByBytes);
            document.Property(d => d.Revision).HasColumnName("revision");
            document.Property(d => d.Removed).HasColumnName("removed");
            document.Property(d => d.Scope).HasColumnName("scope").UseCollation(ByBytes);
            document.Property(d => d.NameFolded).HasColumnName("name_folded").UseCollation(ByBytes);
            document.Property(d => d.UnscopedFolded).HasColumnName("unscoped_folded").UseCollation(ByBytes);
            document.Property(d => d.NameTermCount).HasColumnName("name_term_count");
            document.Property(d => d.Readers).HasColumnName("readers");
            document.Property(d => d.Terms).HasColumnName("terms");
            document.Property(d => d.Document).HasColumnName("document");
            document.HasIndex(d => d.Terms).HasMethod("gin").HasDatabaseName("ix_documents_terms");
            document.HasIndex(d => d.NameFolded).HasDatabaseName("ix_documents_name_folded");
            document.HasIndex(d => new { d.Package, d.Repository }).HasDatabaseName("ix_documents_package");
        });
        modelBuilder.Entity<NameTermRow>(term =>
        {
            term.ToTable("name_terms");
            term.HasKey(t => t.Term).HasName("pk_name_terms");
            term.Property(t => t.Term).HasColumnName("term").UseCollation(ByBytes);
            term.Property(t => t.Remainders).HasColumnName("remainders");
            term.HasIndex(t => t.Remainders).HasMethod("gin").HasDatabaseName("ix_name_terms_remainders");
        });
        modelBuilder.Entity<PositionRow>(position =>
        {
            position.ToTable("positions");
            position.HasKey(p => p.Feed).HasName("pk_positions");
            position.Property(p => p.Feed).HasColumnName("feed");
            position.Property(p => p.Epoch).HasColumnName("epoch");
            position.Property(p => p.Position).HasColumnName("position");
        });
        modelBuilder.Entity<RefusedRow>(refused =>
        {
            refused.ToTable("refused");
            refused.HasKey(r => new { r.Repository, r.Package }).HasName("pk_refused");
            refused.Property(r => r.Repository).HasColumnName("repository");
            refused.Property(r => r.Package).HasColumnName("package");
            refused.Property(r => r.Revision).HasColumnName("revision");
            refused.Property(r => r.Reason).HasColumnName("reason");
            refused.Property(r => r.RefusedAt).HasColumnName("refused_at");
        });
    }
}
