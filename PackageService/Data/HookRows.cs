using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Registry.PackageService.Data;

/// <summary>An address that is told when packages change.</summary>
internal sealed class HookRow
{
    public Guid Id { get; set; }

    /// <summary>Whose it is: it is told of what this account may read.</summary>
    public required string UserId { get; set; }

    public required string UserName { get; set; }

    public required string Repository { get; set; }

    /// <summary><c>package</c>, <c>scope</c> or <c>owner</c>.</summary>
    public required string Type { get; set; }

    /// <summary>The package, the scope with its <c>@</c>, or the maintainer.</summary>
    public required string Name { get; set; }

    public required string Endpoint { get; set; }

    /// <summary>The endpoint's host and port, of which one delivery at a time goes.</summary>
    public required string Host { get; set; }

    /// <summary>Signs deliveries; never told.</summary>
    public required string Secret { get; set; }

    /// <summary>Prefix of the links in deliveries: that of the mount it was made through.</summary>
    public required string PublicUrl { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public DateTimeOffset? LastDeliveryAt { get; set; }

    public int? ResponseCode { get; set; }

    public string? Failure { get; set; }
}

/// <summary>One change that a hook is told of, until it was or was given up; then it is the log.</summary>
internal sealed class HookDeliveryRow
{
    public long Id { get; set; }

    public Guid HookId { get; set; }

    /// <summary>The change.</summary>
    public long Position { get; set; }

    public int Attempts { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it is tried; while it is, until when nobody else does.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>When the last attempt ended; null until then: nobody has judged whether the owner may read what it is about.</summary>
    public DateTimeOffset? AttemptedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public int? ResponseCode { get; set; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Failure { get; set; }
}

/// <summary>How far the feed was turned into deliveries: one row.</summary>
internal sealed class HookPosition
{
    public bool Single { get; set; } = true;

    public long Position { get; set; }
}

/// <summary>The tables of hooks.</summary>
internal sealed class HookConfiguration : IEntityTypeConfiguration<HookRow>, IEntityTypeConfiguration<HookDeliveryRow>, IEntityTypeConfiguration<HookPosition>
{
    private const string ByteOrder = "C";

    public void Configure(EntityTypeBuilder<HookRow> builder)
    {
        builder.ToTable("hooks");
        builder.Property(h => h.Id).ValueGeneratedNever();
        builder.Property(h => h.Name).UseCollation(ByteOrder);
        builder.Property(h => h.Repository).UseCollation(ByteOrder);
        builder.HasIndex(h => h.UserId);
        builder.HasIndex(h => new { h.Repository, h.Name });
    }

    public void Configure(EntityTypeBuilder<HookDeliveryRow> builder)
    {
        builder.ToTable("hook_deliveries");
        builder.Property(d => d.Id).UseIdentityAlwaysColumn();
        builder.HasOne<HookRow>().WithMany().HasForeignKey(d => d.HookId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(d => new { d.HookId, d.Position }).IsUnique();
        builder.HasIndex(d => d.DueAt).HasFilter("ended_at IS NULL");
    }

    public void Configure(EntityTypeBuilder<HookPosition> builder)
    {
        builder.ToTable("hook_position", table => table.HasCheckConstraint("ck_hook_position_single", "single"));
        builder.HasKey(p => p.Single);
        builder.Property(p => p.Single).ValueGeneratedNever();
    }
}
