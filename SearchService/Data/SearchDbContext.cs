using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Registry.SearchService.Data;

/// <summary>The search database: the index, where it stands in the feed of changes, and what was skipped.</summary>
internal sealed class SearchDbContext(DbContextOptions<SearchDbContext> options) : DbContext(options)
{
    /// <summary>Names compare byte by byte, whatever the server's locale: the order of pages must not depend on it.</summary>
    private const string ByBytes = "C";

    private const string Next = "_next";

    public DbSet<TableIdentityRow> TableIdentities => Set<TableIdentityRow>();

    public DbSet<IndexRow> Indexes => Set<IndexRow>();

    public DbSet<EngineRow> Engines => Set<EngineRow>();

    public DbSet<PositionRow> Positions => Set<PositionRow>();

    public DbSet<RefusedRow> Refused => Set<RefusedRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.SharedTypeEntity<DocumentRow>("Document", document => Configure(document, ""));
        modelBuilder.SharedTypeEntity<NameTermRow>("NameTerm", term => Configure(term, ""));
        modelBuilder.SharedTypeEntity<DocumentRow>("NextDocument", document => Configure(document, Next));
        modelBuilder.SharedTypeEntity<NameTermRow>("NextNameTerm", term => Configure(term, Next));
        modelBuilder.Entity<TableIdentityRow>(tables =>
        {
            tables.ToTable("table_identities");
            tables.HasKey(t => t.Role).HasName("pk_table_identities");
            tables.Property(t => t.Role).HasColumnName("role");
            tables.Property(t => t.Identity).HasColumnName("identity");
        });
        modelBuilder.Entity<IndexRow>(index =>
        {
            index.ToTable("indexes");
            index.HasKey(i => i.Identity).HasName("pk_indexes");
            index.Property(i => i.Identity).HasColumnName("identity").ValueGeneratedNever();
            index.Property(i => i.Engine).HasColumnName("engine");
            index.Property(i => i.Epoch).HasColumnName("epoch");
            index.Property(i => i.Position).HasColumnName("position");
            index.Property(i => i.CreatedAt).HasColumnName("created_at");
            index.Property(i => i.Layout).HasColumnName("layout").HasDefaultValue(0);
        });
        modelBuilder.Entity<EngineRow>(Configure);
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

    private static void Configure(EntityTypeBuilder<DocumentRow> document, string suffix)
    {
        document.ToTable($"documents{suffix}");
        document.HasKey(d => new { d.Repository, d.Package }).HasName($"pk_documents{suffix}");
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
        document.HasIndex(d => d.Terms).HasMethod("gin").HasDatabaseName($"ix_documents_terms{suffix}");
        document.HasIndex(d => d.NameFolded).HasDatabaseName($"ix_documents_name_folded{suffix}");
        document.HasIndex(d => new { d.Package, d.Repository }).HasDatabaseName($"ix_documents_package{suffix}");
    }

    private static void Configure(EntityTypeBuilder<NameTermRow> term, string suffix)
    {
        term.ToTable($"name_terms{suffix}");
        term.HasKey(t => t.Term).HasName($"pk_name_terms{suffix}");
        term.Property(t => t.Term).HasColumnName("term").UseCollation(ByBytes);
        term.Property(t => t.Remainders).HasColumnName("remainders");
        term.HasIndex(t => t.Remainders).HasMethod("gin").HasDatabaseName($"ix_name_terms_remainders{suffix}");
    }

    private static void Configure(EntityTypeBuilder<EngineRow> engine)
    {
        engine.ToTable("engines");
        engine.HasKey(e => e.Engine).HasName("pk_engines");
        engine.Property(e => e.Engine).HasColumnName("engine");
        engine.Property(e => e.Phase).HasColumnName("phase").HasDefaultValue(RebuildPhases.None);
        engine.Property(e => e.Built).HasColumnName("built");
        engine.Property(e => e.Message).HasColumnName("message");
        engine.Property(e => e.StartedAt).HasColumnName("started_at");
        engine.Property(e => e.EndedAt).HasColumnName("ended_at");
        engine.Property(e => e.Worker).HasColumnName("worker");
        engine.Property(e => e.WorkerUntil).HasColumnName("worker_until");
    }
}
