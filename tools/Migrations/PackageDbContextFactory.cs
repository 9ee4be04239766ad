using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

using Registry.PackageService.Data;

namespace Registry.Migrations;

/// <summary>Lets <c>dotnet ef migrations</c> build the model; nothing connects.</summary>
internal sealed class PackageDbContextFactory : IDesignTimeDbContextFactory<PackageDbContext>
{
    public PackageDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PackageDbContext>().UseNpgsql("Host=none").Options);
}
