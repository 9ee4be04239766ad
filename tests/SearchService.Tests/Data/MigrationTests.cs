using Microsoft.EntityFrameworkCore;

namespace Registry.SearchService.Tests.Data;

public sealed class MigrationTests(SearchDatabase database) : IClassFixture<SearchDatabase>
{
    [Fact]
    public async Task Migrating_again_and_at_once_is_harmless()
    {
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:search"] = database.ConnectionString };

        await Task.WhenAll(SearchServiceApp.MigrateAsync([], settings), SearchServiceApp.MigrateAsync([], settings));

        await using var db = await database.Contexts.CreateDbContextAsync();
        (await db.Database.GetPendingMigrationsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_model_has_no_change_without_a_migration()
    {
        await using var db = await database.Contexts.CreateDbContextAsync();

        db.Database.HasPendingModelChanges().ShouldBeFalse();
    }
}
