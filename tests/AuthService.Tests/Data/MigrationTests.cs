using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using Registry.AuthService.Accounts;
using Registry.AuthService.Data;
using Registry.AuthService.Tests.Hosting;
using Registry.AuthService.Throttling;
using Registry.Testing;

namespace Registry.AuthService.Tests.Data;

public sealed class MigrationTests
{
    [Fact]
    public async Task Two_migrators_at_once_and_a_third_later_succeed()
    {
        await using var database = await TestDatabase.CreateAsync();

        await Task.WhenAll(MigrateAsync(database), MigrateAsync(database));
        await MigrateAsync(database);

        await using var db = Open(database);
        (await db.Accounts.CountAsync()).ShouldBe(0);
        (await db.Database.GetPendingMigrationsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_migrations_make_the_model()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var db = Open(database);

        db.Database.HasPendingModelChanges().ShouldBeFalse();
    }

    [Fact]
    public async Task A_missing_connection_string_is_named()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => AuthServiceApp.MigrateAsync([], TestKeys.Settings));

        failure.Message.ShouldStartWith("ConnectionStrings:auth is missing");
    }

    [Fact]
    public async Task Rows_that_have_served_their_time_are_deleted()
    {
        await using var host = await AuthHost.StartAsync();
        var token = await host.SignUpAsync("alice");
        var now = TimeProvider.System.GetUtcNow();
        await host.WithDatabaseAsync(async db =>
        {
            db.Throttles.Add(new Throttle { Key = "old", Count = 1, ExpiresAt = now.AddSeconds(-1) });
            db.Throttles.Add(new Throttle { Key = "new", Count = 1, ExpiresAt = now.AddMinutes(1) });
            db.Invitations.Add(new Invitation { CodeHash = [1], ExpiresAt = now.AddDays(-31) });
            var account = await db.Accounts.Select(a => a.Id).SingleAsync();
            db.AccessTokens.Add(new AccessToken
            {
                Id = "old",
                AccountId = account,
                Hash = [1],
                Hint = "reg_",
                CreatedAt = now.AddDays(-60),
                RevokedAt = now.AddDays(-31),
            });
            return await db.SaveChangesAsync();
        });

        await host.Services.GetRequiredService<ForgetOldRows>().ForgetAsync(default);

        (await host.WithDatabaseAsync(db => db.Throttles.Where(t => t.Key == "old" || t.Key == "new").Select(t => t.Key).ToListAsync())).ShouldBe(["new"]);
        (await host.WithDatabaseAsync(db => db.Invitations.CountAsync())).ShouldBe(0);
        (await host.WithDatabaseAsync(db => db.AccessTokens.CountAsync())).ShouldBe(1);
        (await host.IntrospectAsync(token)).Caller.UserName.ShouldBe("alice");
    }

    private static Task MigrateAsync(TestDatabase database) =>
        AuthServiceApp.MigrateAsync([], [new("ConnectionStrings:auth", database.ConnectionString)]);

    private static AuthDbContext Open(TestDatabase database) =>
        new(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(database.ConnectionString).Options);
}
