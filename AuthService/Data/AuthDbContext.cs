using Microsoft.EntityFrameworkCore;

using Registry.AuthService.Accounts;
using Registry.AuthService.Organisations;
using Registry.AuthService.SecondFactors;
using Registry.AuthService.Throttling;
using Registry.AuthService.WebSessions;
using Registry.Messaging;

namespace Registry.AuthService.Data;

/// <summary>The service's own database: accounts, credentials, scopes, organisations, counters, and the events about them.</summary>
internal sealed class AuthDbContext(DbContextOptions<AuthDbContext> options) : DbContext(options)
{
    public DbSet<Account> Accounts => Set<Account>();

    public DbSet<AccessToken> AccessTokens => Set<AccessToken>();

    public DbSet<OwnedScope> Scopes => Set<OwnedScope>();

    public DbSet<Organisation> Organisations => Set<Organisation>();

    public DbSet<OrganisationMember> OrganisationMembers => Set<OrganisationMember>();

    public DbSet<Team> Teams => Set<Team>();

    public DbSet<TeamMember> TeamMembers => Set<TeamMember>();

    public DbSet<Invitation> Invitations => Set<Invitation>();

    public DbSet<Enrolment> Enrolments => Set<Enrolment>();

    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();

    public DbSet<SpentCode> SpentCodes => Set<SpentCode>();

    public DbSet<WebSession> WebSessions => Set<WebSession>();

    public DbSet<Throttle> Throttles => Set<Throttle>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(AuthDbContext).Assembly);
        modelBuilder.AddOutbox();
    }
}
