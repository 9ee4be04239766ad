using System.Text.Json;

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

using Registry.Contracts.Events;
using Registry.Contracts.Http.Packages;
using Registry.ServiceDefaults;

namespace Registry.PackageService.Data;

/// <summary>The tables of the feed.</summary>
internal sealed class FeedConfiguration : IEntityTypeConfiguration<ChangeRow>, IEntityTypeConfiguration<FeedEpoch>
{
    public void Configure(EntityTypeBuilder<ChangeRow> builder)
    {
        builder.ToTable("changes");
        builder.HasKey(c => c.Position);
        builder.Property(c => c.Position).UseIdentityAlwaysColumn();
        builder.Property(c => c.Repository).UseCollation("C");
        builder.Property(c => c.Package).UseCollation("C");
        builder.Property(c => c.Kind).HasConversion(
            kind => TextOf(kind),
            text => PackageChangeKindConverter.Parse(text));
        builder.Property(c => c.Detail).HasColumnType("jsonb").HasConversion(
            detail => TextOf(detail)!,
            text => JsonSerializer.Deserialize<ChangeDetail>(text, RegistryJson.Options));
        builder.Property(c => c.IsPublic).HasDefaultValue(false); // processes of the release before do not say it
        builder.HasIndex(c => c.EventId).IsUnique();
        builder.HasIndex(c => new { c.Repository, c.Package, c.Position });
    }

    /// <summary>A kind as it is written.</summary>
    public static string TextOf(PackageChangeKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>A detail as it is written; null when there is none.</summary>
    public static string? TextOf(ChangeDetail? detail) => detail is null ? null : JsonSerializer.Serialize(detail, RegistryJson.Options);

    public void Configure(EntityTypeBuilder<FeedEpoch> builder)
    {
        builder.ToTable("feed_epoch", table => table.HasCheckConstraint("ck_feed_epoch_single", "single"));
        builder.HasKey(e => e.Single);
        builder.Property(e => e.Single).ValueGeneratedNever();
    }
}
