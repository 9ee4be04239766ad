using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

using Registry.AuthService.Accounts;
using Registry.AuthService.SecondFactors;
using Registry.AuthService.WebSessions;

namespace Registry.AuthService.Data;

internal sealed class EnrolmentConfiguration : IEntityTypeConfiguration<Enrolment>
{
    public void Configure(EntityTypeBuilder<Enrolment> builder)
    {
        builder.ToTable("second_factors");
        builder.HasKey(e => e.AccountId).HasName("pk_second_factors");
        builder.Property(e => e.AccountId).HasColumnName("account_id").HasMaxLength(36);
        builder.Property(e => e.Secret).HasColumnName("secret");
        builder.Property(e => e.Mode).HasColumnName("mode").HasConversion<string>().HasMaxLength(16);
        builder.Property(e => e.CreatedAt).HasColumnName("created_at");
        builder.Property(e => e.ConfirmedAt).HasColumnName("confirmed_at");
        builder.HasOne<Account>().WithOne().HasForeignKey<Enrolment>(e => e.AccountId).HasConstraintName("fk_second_factors_account");
    }
}

internal sealed class RecoveryCodeConfiguration : IEntityTypeConfiguration<RecoveryCode>
{
    public void Configure(EntityTypeBuilder<RecoveryCode> builder)
    {
        builder.ToTable("recovery_codes");
        builder.HasKey(c => new { c.AccountId, c.Hash }).HasName("pk_recovery_codes");
        builder.Property(c => c.AccountId).HasColumnName("account_id").HasMaxLength(36);
        builder.Property(c => c.Hash).HasColumnName("hash");
        builder.Property(c => c.UsedAt).HasColumnName("used_at");
        builder.HasOne<Account>().WithMany().HasForeignKey(c => c.AccountId).HasConstraintName("fk_recovery_codes_account");
    }
}

internal sealed class SpentCodeConfiguration : IEntityTypeConfiguration<SpentCode>
{
    public void Configure(EntityTypeBuilder<SpentCode> builder)
    {
        builder.ToTable("spent_codes");
        builder.HasKey(c => new { c.AccountId, c.Code }).HasName("pk_spent_codes");
        builder.Property(c => c.AccountId).HasColumnName("account_id").HasMaxLength(36);
        builder.Property(c => c.Code).HasColumnName("code");
        builder.Property(c => c.Operation).HasColumnName("operation");
        builder.Property(c => c.ExpiresAt).HasColumnName("expires_at");
        builder.HasIndex(c => c.ExpiresAt).HasDatabaseName("ix_spent_codes_expires_at");
    }
}

internal sealed class WebSessionConfiguration : IEntityTypeConfiguration<WebSession>
{
    public void Configure(EntityTypeBuilder<WebSession> builder)
    {
        builder.ToTable("web_sessions");
        builder.HasKey(s => s.Id).HasName("pk_web_sessions");
        builder.Property(s => s.Id).HasColumnName("id").HasMaxLength(36);
        builder.Property(s => s.Kind).HasColumnName("kind").HasConversion<string>().HasMaxLength(16);
        builder.Property(s => s.PageHash).HasColumnName("page_hash");
        builder.Property(s => s.DoneHash).HasColumnName("done_hash");
        builder.Property(s => s.ClientAddress).HasColumnName("client_address").HasMaxLength(64);
        builder.Property(s => s.Client).HasColumnName("client").HasMaxLength(200);
        builder.Property(s => s.AccountId).HasColumnName("account_id").HasMaxLength(36);
        builder.Property(s => s.CreatedAt).HasColumnName("created_at");
        builder.Property(s => s.ExpiresAt).HasColumnName("expires_at");
        builder.Property(s => s.ApprovedAt).HasColumnName("approved_at");
        builder.Property(s => s.CollectedAt).HasColumnName("collected_at");
        builder.Property(s => s.ProofHash).HasColumnName("proof_hash");
        builder.HasIndex(s => s.PageHash).IsUnique().HasDatabaseName("ux_web_sessions_page_hash");
        builder.HasIndex(s => s.DoneHash).IsUnique().HasDatabaseName("ux_web_sessions_done_hash");
        builder.HasIndex(s => s.ProofHash).IsUnique().HasDatabaseName("ux_web_sessions_proof_hash");
        builder.HasIndex(s => s.ExpiresAt).HasDatabaseName("ix_web_sessions_expires_at");
        builder.HasOne<Account>().WithMany().HasForeignKey(s => s.AccountId).HasConstraintName("fk_web_sessions_account");
    }
}
