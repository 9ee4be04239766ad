using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

using Registry.AuthService.Accounts;
using Registry.AuthService.Organisations;

namespace Registry.AuthService.Data;

/// <summary>The tables of organisations and their teams. What orders has the collation "C": byte order.</summary>
internal sealed class OrganisationConfigurations :
    IEntityTypeConfiguration<Organisation>,
    IEntityTypeConfiguration<OrganisationMember>,
    IEntityTypeConfiguration<Team>,
    IEntityTypeConfiguration<TeamMember>
{
    private const int IdLength = 36;

    public void Configure(EntityTypeBuilder<Organisation> builder)
    {
        builder.ToTable("organisations");
        builder.HasKey(o => o.Id).HasName("pk_organisations");
        builder.Property(o => o.Id).HasColumnName("id").HasMaxLength(IdLength);
        builder.Property(o => o.Scope).HasColumnName("scope").HasMaxLength(214);
        builder.Property(o => o.CreatedAt).HasColumnName("created_at");
        builder.HasIndex(o => o.Scope).IsUnique().HasDatabaseName("ux_organisations_scope");
        builder.HasOne<OwnedScope>().WithOne().HasForeignKey<Organisation>(o => o.Scope).HasConstraintName("fk_organisations_scope");
    }

    public void Configure(EntityTypeBuilder<OrganisationMember> builder)
    {
        builder.ToTable("organisation_members");
        builder.HasKey(m => new { m.OrganisationId, m.AccountId }).HasName("pk_organisation_members");
        builder.Property(m => m.OrganisationId).HasColumnName("organisation_id").HasMaxLength(IdLength);
        builder.Property(m => m.AccountId).HasColumnName("account_id").HasMaxLength(IdLength);
        builder.Property(m => m.Role).HasColumnName("role").HasMaxLength(16)
            .HasConversion(role => role.ToWord(), word => OrganisationRoles.Parse(word) ?? OrganisationRole.Developer);
        builder.Property(m => m.JoinedAt).HasColumnName("joined_at");
        builder.HasIndex(m => m.AccountId).HasDatabaseName("ix_organisation_members_account_id");
        builder.HasOne<Organisation>().WithMany().HasForeignKey(m => m.OrganisationId).HasConstraintName("fk_organisation_members_organisation");
        builder.HasOne<Account>().WithMany().HasForeignKey(m => m.AccountId).HasConstraintName("fk_organisation_members_account");
    }

    public void Configure(EntityTypeBuilder<Team> builder)
    {
        builder.ToTable("teams");
        builder.HasKey(t => t.Id).HasName("pk_teams");
        builder.Property(t => t.Id).HasColumnName("id").HasMaxLength(IdLength);
        builder.Property(t => t.OrganisationId).HasColumnName("organisation_id").HasMaxLength(IdLength);
        builder.Property(t => t.Name).HasColumnName("name").HasMaxLength(TeamName.MaxLength).UseCollation("C");
        builder.Property(t => t.Description).HasColumnName("description").HasMaxLength(Team.MaxDescriptionLength);
        builder.Property(t => t.CreatedAt).HasColumnName("created_at");
        builder.HasIndex(t => new { t.OrganisationId, t.Name }).IsUnique().HasDatabaseName("ux_teams_organisation_id_name");
        builder.HasOne<Organisation>().WithMany().HasForeignKey(t => t.OrganisationId).HasConstraintName("fk_teams_organisation");
    }

    public void Configure(EntityTypeBuilder<TeamMember> builder)
    {
        builder.ToTable("team_members");
        builder.HasKey(m => new { m.TeamId, m.AccountId }).HasName("pk_team_members");
        builder.Property(m => m.TeamId).HasColumnName("team_id").HasMaxLength(IdLength);
        builder.Property(m => m.AccountId).HasColumnName("account_id").HasMaxLength(IdLength);
        builder.Property(m => m.JoinedAt).HasColumnName("joined_at");
        builder.HasIndex(m => m.AccountId).HasDatabaseName("ix_team_members_account_id");
        builder.HasOne<Team>().WithMany().HasForeignKey(m => m.TeamId).HasConstraintName("fk_team_members_team");
        builder.HasOne<Account>().WithMany().HasForeignKey(m => m.AccountId).HasConstraintName("fk_team_members_account");
    }
}
