using Microsoft.EntityFrameworkCore;

using NpgsqlTypes;

namespace Registry.SearchService.Data;

/// <summary>SearchService's database: documents and the place in the feed they are up to. All of it can be made anew from the feed.</summary>
internal sealed class SearchDbContext(DbContextOptions<SearchDbContext> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SearchDocumentRow>(document =>
        {
            document.ToTable("search_documents");
            document.HasKey(d => new { d.Repository, d.Package }).HasName("pk_search_documents");
            document.Property(d => d.Repository).HasColumnName("repository");
            document.Property(d => d.Package).HasColumnName("package").UseCollation("C");
            document.Property(d => d.Revision).HasColumnName("revision");
            document.Property(d => d.Removed).HasColumnName("removed");
            document.Property(d => d.Document).HasColumnName("document").HasColumnType("jsonb");
            document.Property(d => d.Terms).HasColumnName("terms");
            document.Property(d => d.Misspellings).HasColumnName("misspellings");
            document.Property(d => d.Readers).HasColumnName("readers");
            document.HasIndex(d => d.Terms).HasMethod("gin").HasDatabaseName("ix_search_documents_terms");
            document.HasIndex(d => d.Misspellings).HasMethod("gin").HasDatabaseName("ix_search_documents_misspellings");
        });
        modelBuilder.Entity<FeedPositionRow>(position =>
        {
            position.ToTable("positions");
            position.HasKey(p => p.Feed).HasName("pk_positions");
            position.Property(p => p.Feed).HasColumnName("feed");
            position.Property(p => p.Epoch).HasColumnName("epoch");
            position.Property(p => p.Position).HasColumnName("position");
        });
    }
}

/// <summary>A package's document, or the memory of its removal.</summary>
internal sealed class SearchDocumentRow
{
    public required string Repository { get; set; }

    public required string Package { get; set; }

    public long Revision { get; set; }

    public bool Removed { get; set; }

    /// <summary>What is shown, as PackageService told it.</summary>
    public required string Document { get; set; }

    /// <summary>What is matched: weight A the name, B keywords, C text.</summary>
    public required NpgsqlTsVector Terms { get; set; }

    /// <summary>The name's terms and each with one character dropped.</summary>
    public required string[] Misspellings { get; set; }

    public required string[] Readers { get; set; }
}

/// <summary>How far a feed was dealt with.</summary>
internal sealed class FeedPositionRow
{
    public required string Feed { get; set; }

    public Guid Epoch { get; set; }

    public long Position { get; set; }
}
