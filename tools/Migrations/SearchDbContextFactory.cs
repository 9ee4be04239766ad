using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

using Registry.SearchService.Data;

namespace Registry.Migrations;

/// <summary>Makes the search context for <c>dotnet ef</c>; no database is reached.</summary>
internal sealed class SearchDbContextFactory : IDesignTimeDbContextFactory<SearchDbContext>
{
    public SearchDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SearchDbContext>().UseNpgsql("Host=design.test").Options);
}
