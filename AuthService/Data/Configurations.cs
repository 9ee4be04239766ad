using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

using Registry.AuthService.Accounts;
using Registry.AuthService.Throttling;

namespace Registry.AuthService.Data;

internal sealed class AccountConfiguration : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> builder)
    {
        builder.ToTable("accounts");
        builder.HasKey(a => a.Id).HasName("pk_accounts");
        builder.Property(a => a.Id).HasColumnName("id").HasMaxLength(36);
        builder.Property(a => a.Name).HasColumnName("name").HasMaxLength(64);
        builder.Property(a => a.FoldedName).HasColumnName("folded_name").HasMaxLength(64);
        builder.Property(a => a.Email).HasColumnName("email").HasMaxLength(254);
        builder.Property(a => a.PasswordHash).HasColumnName("password_hash");
        builder.Property(a => a.IsAdministrator).HasColumnName("is_administrator");
        builder.Property(a => a.FullName).HasColumnName("full_name").HasMaxLength(ProfileRules.MaxLength);
        builder.Property(a => a.Homepage).HasColumnName("homepage").HasMaxLength(ProfileRules.MaxLength);
        builder.Property(a => a.GitHub).HasColumnName("github").HasMaxLength(ProfileRules.MaxLength);
        builder.Property(a => a.Twitter).HasColumnName("twitter").HasMaxLength(ProfileRules.MaxLength);
        builder.Property(a => a.Freenode).HasColumnName("freenode").HasMaxLength(ProfileRules.MaxLength);
        builder.Property(a => a.CreatedAt).HasColumnName("created_at");
        builder.Property(a => a.UpdatedAt).HasColumnName("updated_at");
        builder.Property(a => a.DisabledAt).HasColumnName("disabled_at");
        builder.HasIndex(a => a.Name).IsUnique().HasDatabaseName("ux_accounts_name");
        builder.HasIndex(a => a.FoldedName).IsUnique().HasDatabaseName("ux_accounts_folded_name");
    }
}

internal sealed class AccessTokenConfiguration : IEntityTypeConfiguration<AccessToken>
{
    public void Configure(EntityTypeBuilder<AccessToken> builder)
    {
        builder.ToTable("access_tokens");
        builder.HasKey(t => t.Id).HasName("pk_access_tokens");
        builder.Property(t => t.Id).HasColumnName("id").HasMaxLength(36);
        builder.Property(t => t.AccountId).HasColumnName("account_id").HasMaxLength(36);
        builder.Property(t => t.Hash).HasColumnName("hash");
        builder.Property(t => t.Hint).HasColumnName("hint").HasMaxLength(16);
        builder.Property(t => t.Name).HasColumnName("name").HasMaxLength(TokenTerms.MaxNameLength);
        builder.Property(t => t.Description).HasColumnName("description").HasMaxLength(TokenTerms.MaxDescriptionLength);
        builder.Property(t => t.ReadOnly).HasColumnName("read_only");
        builder.Property(t => t.Packages).HasColumnName("packages");
        builder.Property(t => t.Scopes).HasColumnName("scopes");
        builder.Property(t => t.Organisations).HasColumnName("organisations");
        builder.Property(t => t.Cidrs).HasColumnName("cidrs");
        builder.Property(t => t.BypassesSecondFactor).HasColumnName("bypasses_second_factor");
        builder.Property(t => t.CreatedAt).HasColumnName("created_at");
        builder.Property(t => t.ExpiresAt).HasColumnName("expires_at");
        builder.Property(t => t.LastUsedAt).HasColumnName("last_used_at");
        builder.Property(t => t.RevokedAt).HasColumnName("revoked_at");
        builder.Ignore(t => t.IsLimited);
        builder.HasIndex(t => t.Hash).IsUnique().HasDatabaseName("ux_access_tokens_hash");
        builder.HasIndex(t => t.AccountId).HasDatabaseName("ix_access_tokens_account_id");
        builder.HasOne<Account>().WithMany().HasForeignKey(t => t.AccountId).HasConstraintName("fk_access_tokens_account");
    }
}

internal sealed class OwnedScopeConfiguration : IEntityTypeConfiguration<OwnedScope>
{
    public void Configure(EntityTypeBuilder<OwnedScope> builder)
    {
        builder.ToTable("scopes");
        builder.HasKey(s => s.Scope).HasName("pk_scopes");
        builder.Property(s => s.Scope).HasColumnName("scope").HasMaxLength(214);
        builder.Property(s => s.FoldedScope).HasColumnName("folded_scope").HasMaxLength(214);
        builder.Property(s => s.AccountId).HasColumnName("account_id").HasMaxLength(36);
        builder.Property(s => s.ClaimedAt).HasColumnName("claimed_at");
        builder.HasIndex(s => s.FoldedScope).IsUnique().HasDatabaseName("ux_scopes_folded_scope");
        builder.HasIndex(s => s.AccountId).HasDatabaseName("ix_scopes_account_id");
        builder.HasOne<Account>().WithMany().HasForeignKey(s => s.AccountId).HasConstraintName("fk_scopes_account");
    }
}

internal sealed class InvitationConfiguration : IEntityTypeConfiguration<Invitation>
{
    public void Configure(EntityTypeBuilder<Invitation> builder)
    {
        builder.ToTable("invitations");
        builder.HasKey(i => i.CodeHash).HasName("pk_invitations");
        builder.Property(i => i.CodeHash).HasColumnName("code_hash");
        builder.Property(i => i.ExpiresAt).HasColumnName("expires_at");
        builder.Property(i => i.UsedAt).HasColumnName("used_at");
    }
}

internal sealed class ThrottleConfiguration : IEntityTypeConfiguration<Throttle>
{
    public void Configure(EntityTypeBuilder<Throttle> builder)
    {
        builder.ToTable("throttles");
        builder.HasKey(t => t.Key).HasName("pk_throttles");
        builder.Property(t => t.Key).HasColumnName("key").HasMaxLength(160);
        builder.Property(t => t.Count).HasColumnName("count");
        builder.Property(t => t.ExpiresAt).HasColumnName("expires_at");
        builder.HasIndex(t => t.ExpiresAt).HasDatabaseName("ix_throttles_expires_at");
    }
}
