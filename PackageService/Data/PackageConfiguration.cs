using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Data;

/// <summary>The tables of packages and what belongs to them. Text that orders or identifies has the collation "C": byte order.</summary>
internal sealed class PackageConfiguration :
    IEntityTypeConfiguration<PackageRepository>,
    IEntityTypeConfiguration<Package>,
    IEntityTypeConfiguration<PackageVersion>,
    IEntityTypeConfiguration<DistTag>,
    IEntityTypeConfiguration<Maintainer>,
    IEntityTypeConfiguration<Star>,
    IEntityTypeConfiguration<Grant>,
    IEntityTypeConfiguration<Tombstone>
{
    private const string ByteOrder = "C";

    /// <summary>Who may read a repository, of the text that is kept.</summary>
    public static ReadAccess ReadAccessOf(string text) => text == "signed_in" ? ReadAccess.SignedIn : ReadAccess.Everyone;

    /// <summary>The text that is kept of who may read a package.</summary>
    public static string TextOf(Visibility visibility) => visibility == Visibility.Restricted ? "restricted" : "public";

    /// <summary>Who may read a package, of the text that is kept.</summary>
    public static Visibility VisibilityOf(string text) => text == "restricted" ? Visibility.Restricted : Visibility.Public;

    public void Configure(EntityTypeBuilder<PackageRepository> builder)
    {
        builder.ToTable("repositories");
        builder.Property(r => r.Name).UseCollation(ByteOrder);
        builder.Property(r => r.ReadAccess).HasConversion(
            access => access == ReadAccess.SignedIn ? "signed_in" : "everyone",
            text => ReadAccessOf(text));
        builder.HasIndex(r => r.Name).IsUnique();
        builder.HasData(
            new PackageRepository { Id = 1, Name = "main", UsesUpstreams = true },
            new PackageRepository { Id = 2, Name = "loft" });
    }

    public void Configure(EntityTypeBuilder<Package> builder)
    {
        builder.ToTable("packages");
        builder.Property(p => p.Id).UseIdentityByDefaultColumn();
        builder.Property(p => p.Name).UseCollation(ByteOrder);
        builder.Property(p => p.FoldedName).UseCollation(ByteOrder);
        builder.Property(p => p.Visibility).HasConversion(
            visibility => TextOf(visibility),
            text => VisibilityOf(text));
        builder.HasOne<PackageRepository>().WithMany().HasForeignKey(p => p.RepositoryId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(p => new { p.RepositoryId, p.Name }).IsUnique();
        builder.HasIndex(p => new { p.RepositoryId, p.FoldedName });
    }

    public void Configure(EntityTypeBuilder<PackageVersion> builder)
    {
        builder.ToTable("versions");
        builder.Property(v => v.Id).UseIdentityAlwaysColumn();
        builder.Property(v => v.Version).UseCollation(ByteOrder);
        builder.Property(v => v.SortKey).UseCollation(ByteOrder);
        builder.Property(v => v.Manifest).HasColumnType("jsonb");
        builder.HasOne<Package>().WithMany().HasForeignKey(v => v.PackageId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(v => new { v.PackageId, v.Version }).IsUnique();
        builder.HasIndex(v => new { v.PackageId, v.SortKey });
        builder.HasOne(v => v.Fragments).WithOne().HasForeignKey<VersionFragments>(f => f.Id);
        builder.Navigation(v => v.Fragments).IsRequired(); // every row has them, though perhaps still empty
    }

    public void Configure(EntityTypeBuilder<DistTag> builder)
    {
        builder.ToTable("dist_tags");
        builder.HasKey(t => new { t.PackageId, t.Tag });
        builder.Property(t => t.Tag).UseCollation(ByteOrder);
        builder.Property(t => t.Version).UseCollation(ByteOrder);
        builder.HasOne<Package>().WithMany().HasForeignKey(t => t.PackageId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<Maintainer> builder)
    {
        builder.ToTable("maintainers");
        builder.HasKey(m => new { m.PackageId, m.UserId });
        builder.HasOne<Package>().WithMany().HasForeignKey(m => m.PackageId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(m => m.UserId);
    }

    public void Configure(EntityTypeBuilder<Star> builder)
    {
        builder.ToTable("stars");
        builder.HasKey(s => new { s.PackageId, s.UserId });
        builder.Property(s => s.UserName).UseCollation(ByteOrder);
        builder.HasOne<Package>().WithMany().HasForeignKey(s => s.PackageId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(s => new { s.UserName, s.PackageId });
    }

    public void Configure(EntityTypeBuilder<Grant> builder)
    {
        builder.ToTable("grants");
        builder.HasKey(g => new { g.PackageId, g.Scope, g.Team });
        builder.Property(g => g.Scope).UseCollation(ByteOrder);
        builder.Property(g => g.Team).UseCollation(ByteOrder);
        builder.HasOne<Package>().WithMany().HasForeignKey(g => g.PackageId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(g => g.TeamId);
    }

    public void Configure(EntityTypeBuilder<Tombstone> builder)
    {
        builder.ToTable("tombstones");
        builder.HasKey(t => new { t.RepositoryId, t.Name, t.Version });
        builder.Property(t => t.Name).UseCollation(ByteOrder);
        builder.Property(t => t.Version).UseCollation(ByteOrder);
    }
}
