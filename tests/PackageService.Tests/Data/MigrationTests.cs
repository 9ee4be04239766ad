using System.Net;

using Microsoft.EntityFrameworkCore;

using Npgsql;

using Registry.PackageService.Data;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Data;

public sealed class MigrationTests(PackageSystem system)
{
    [Fact]
    public void The_model_has_no_change_without_a_migration()
    {
        using var db = new PackageDbContext(new DbContextOptionsBuilder<PackageDbContext>().UseNpgsql("Host=none").Options);

        db.Database.HasPendingModelChanges().ShouldBeFalse();
    }

    [Fact]
    public async Task Two_migrators_at_once_and_another_later_agree_and_the_epoch_stays()
    {
        await using var database = await TestDatabase.CreateAsync();
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:packages"] = database.ConnectionString };

        await Task.WhenAll(PackageServiceApp.MigrateAsync([], settings), PackageServiceApp.MigrateAsync([], settings));
        var epoch = await ReadAsync(database, "SELECT epoch FROM feed_epoch");
        await PackageServiceApp.MigrateAsync([], settings);

        (await ReadAsync(database, "SELECT epoch FROM feed_epoch")).ShouldBe(epoch);
        (await ReadAsync(database, "SELECT string_agg(name, ',' ORDER BY name) FROM repositories")).ShouldBe("loft,main");
        (await ReadAsync(database, "INSERT INTO repositories (name, read_access) VALUES ('extra', 'everyone') RETURNING id")).ShouldBe(3);
    }

    [Fact]
    public async Task A_database_that_was_not_migrated_makes_the_service_unready_not_dead()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var host = await system.StartAsync(("ConnectionStrings:packages", database.ConnectionString));
        using var client = host.ClientForStranger();

        using var health = await client.GetAsync("/health");
        using var alive = await client.GetAsync("/alive");

        health.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await health.Content.ReadAsStringAsync()).ShouldContain("migrate");
        alive.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("ConnectionStrings:packages", "ConnectionStrings__packages")]
    [InlineData("services:auth:http:0", "services__auth__http__0")]
    [InlineData("services:storage:http:0", "services__storage__http__0")]
    public async Task A_missing_setting_is_named_at_start(string key, string named)
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => system.StartAsync((key, null)));

        failure.Message.ShouldContain(named);
    }

    private static async Task<object?> ReadAsync(TestDatabase database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
#pragma warning disable CA2100 // written above
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}
