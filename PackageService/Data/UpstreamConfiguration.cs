using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Registry.PackageService.Data;

/// <summary>The tables of upstreams and of what came from them. Nothing refers to what was proxied: it can leave at any time.</summary>
internal sealed class UpstreamConfiguration :
    IEntityTypeConfiguration<UpstreamRow>,
    IEntityTypeConfiguration<UpstreamPackumentRow>,
    IEntityTypeConfiguration<UpstreamTarballRow>
{
    private const string ByteOrder = "C";

    public void Configure(EntityTypeBuilder<UpstreamRow> builder)
    {
        builder.ToTable("upstreams");
        builder.HasKey(u => u.Name);
        builder.Property(u => u.Name).UseCollation(ByteOrder);
    }

    public void Configure(EntityTypeBuilder<UpstreamPackumentRow> builder)
    {
        builder.ToTable("upstream_packuments");
        builder.HasKey(p => new { p.Upstream, p.Name, p.Abbreviated });
        builder.Property(p => p.Upstream).UseCollation(ByteOrder);
        builder.Property(p => p.Name).UseCollation(ByteOrder);
        builder.HasIndex(p => p.UsedAt);
        builder.HasIndex(p => p.Name);
    }

    public void Configure(EntityTypeBuilder<UpstreamTarballRow> builder)
    {
        builder.ToTable("upstream_tarballs");
        builder.HasKey(t => new { t.Upstream, t.Name, t.Version });
        builder.Property(t => t.Upstream).UseCollation(ByteOrder);
        builder.Property(t => t.Name).UseCollation(ByteOrder);
        builder.Property(t => t.Version).UseCollation(ByteOrder);
        builder.HasIndex(t => t.UsedAt);
        builder.HasIndex(t => t.Digest);
    }
}
