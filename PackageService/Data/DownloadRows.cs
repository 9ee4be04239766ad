using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Registry.PackageService.Data;

/// <summary>How often a version was downloaded on a day; of packages published here and of those of upstreams.</summary>
internal sealed class DownloadRow
{
    public required string Repository { get; set; }

    public required string Name { get; set; }

    /// <summary>UTC.</summary>
    public DateOnly Day { get; set; }

    public required string Version { get; set; }

    public long Count { get; set; }
}

/// <summary>A batch of downloads that was counted, so that it counts once.</summary>
internal sealed class DownloadBatchRow
{
    public Guid Id { get; set; }

    public DateTimeOffset ReceivedAt { get; set; }
}

/// <summary>The tables of downloads.</summary>
internal sealed class DownloadConfiguration : IEntityTypeConfiguration<DownloadRow>, IEntityTypeConfiguration<DownloadBatchRow>
{
    private const string ByteOrder = "C";

    public void Configure(EntityTypeBuilder<DownloadRow> builder)
    {
        builder.ToTable("downloads");
        builder.HasKey(d => new { d.Repository, d.Name, d.Day, d.Version });
        builder.Property(d => d.Repository).UseCollation(ByteOrder);
        builder.Property(d => d.Name).UseCollation(ByteOrder);
        builder.Property(d => d.Version).UseCollation(ByteOrder);
        builder.HasIndex(d => d.Day);
    }

    public void Configure(EntityTypeBuilder<DownloadBatchRow> builder)
    {
        builder.ToTable("download_batches");
        builder.Property(b => b.Id).ValueGeneratedNever();
        builder.HasIndex(b => b.ReceivedAt);
    }
}
