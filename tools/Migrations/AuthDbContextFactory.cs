using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

using Registry.AuthService.Data;

namespace Registry.Migrations;

/// <summary>Makes AuthService's context for <c>dotnet ef</c>; adding a migration needs the model, not a database.</summary>
internal sealed class AuthDbContextFactory : IDesignTimeDbContextFactory<AuthDbContext>
{
    public AuthDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql("Host=localhost;Database=auth").Options);
}
