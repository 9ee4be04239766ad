using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Data;

/// <summary>What documents of versions are made of: columns of <c>versions</c>, and tables of what is too large to lie beside them.</summary>
internal sealed class DocumentConfiguration :
    IEntityTypeConfiguration<VersionFragments>,
    IEntityTypeConfiguration<VersionReadme>,
    IEntityTypeConfiguration<Attestation>,
    IEntityTypeConfiguration<SigningKeyRow>
{
    public void Configure(EntityTypeBuilder<VersionFragments> builder)
    {
        builder.ToTable("versions");
        builder.HasIndex(f => f.Layout); // those that are to be written anew are found without reading all
    }

    public void Configure(EntityTypeBuilder<VersionReadme> builder)
    {
        builder.ToTable("readmes");
        builder.HasKey(r => r.VersionId);
        builder.HasOne(r => r.Version).WithOne().HasForeignKey<VersionReadme>(r => r.VersionId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<Attestation> builder)
    {
        builder.ToTable("attestations");
        builder.HasKey(a => a.VersionId);
        builder.HasOne(a => a.Version).WithOne().HasForeignKey<Attestation>(a => a.VersionId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<SigningKeyRow> builder)
    {
        builder.ToTable("signing_keys");
        builder.HasKey(k => k.KeyId);
    }
}
