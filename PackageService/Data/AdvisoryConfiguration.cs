using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Registry.PackageService.Data;

/// <summary>The table of advisories; nothing refers to it.</summary>
internal sealed class AdvisoryConfiguration : IEntityTypeConfiguration<AdvisoryRow>
{
    public void Configure(EntityTypeBuilder<AdvisoryRow> builder)
    {
        builder.ToTable("advisories");
        builder.HasKey(a => a.Id);
        builder.Property(a => a.Id).ValueGeneratedNever();
        builder.Property(a => a.Package).UseCollation("C");
        builder.HasIndex(a => a.Package);
    }
}
