using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

using Registry.SearchService.Data;

namespace Registry.Migrations;

/// <summary>Lets <c>dotnet ef migrations</c> build the model; nothing connects.</summary>
internal sealed class SearchDbContextFactory : IDesignTimeDbContextFactory<SearchDbContext>
{
    public SearchDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SearchDbContext>().UseNpgsql("Host=none").Options);
}
