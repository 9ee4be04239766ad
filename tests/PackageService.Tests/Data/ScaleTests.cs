using Microsoft.EntityFrameworkCore;

using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.PackageService.Packages;
using Registry.PackageService.Tests.Running;
using Registry.Testing;

namespace Registry.PackageService.Tests.Data;

/// <summary>What nearly every publish asks of the database, counted in rows that it looks at: as few of many as of none.</summary>
public sealed class ScaleTests(PackageSystem system) : IAsyncLifetime
{
    private const int Many = 20_000;
    private const int Few = 50;
    private const int UntilPlansAreKept = 8; // the server makes five plans for values before it thinks of one for all

    private TestDatabase _database = null!;
    private PackageDbContext _db = null!;
    private Caller _user = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        await PackageServiceApp.MigrateAsync([], new Dictionary<string, string?> { ["ConnectionStrings:packages"] = _database.ConnectionString });
        _db = new PackageDbContext(new DbContextOptionsBuilder<PackageDbContext>().UseNpgsql($"{_database.ConnectionString};Max Auto Prepare=20;Auto Prepare Min Usages=2").Options);
        _user = await system.NewUserAsync();
        await _db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO packages (repository_id, name, folded_name, visibility, created_at, modified_at, revision)
            SELECT r.id, 'scale-' || n, 'scale' || n, 'public', now(), now(), n FROM repositories r, generate_series(1, {Many}) n WHERE r.name = 'main';
            INSERT INTO maintainers (package_id, user_id, user_name) SELECT id, {_user.UserId}, 'ada' FROM packages;
            INSERT INTO changes (event_id, occurred_at, repository, package, kind, version, is_public)
            SELECT gen_random_uuid(), now(), 'main', name, 'published', '1.0.0', true FROM packages;
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _db.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Looking_for_what_hooks_are_to_be_told_passes_over_what_was_told(bool isAnalysed)
    {
        while (await _db.MakeDeliveriesAsync(default))
        {
        }

        await AnalyseAsync(isAnalysed);

        (await RowsReadByAsync(() => _db.MakeDeliveriesAsync(default))).ShouldBeLessThan(Few);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Looking_for_a_package_passes_over_the_others_of_its_maintainer(bool isAnalysed)
    {
        await AnalyseAsync(isAnalysed);

        (await RowsReadByAsync(() => _db.FindPackageAsync("main", PackageName.Parse("scale-77"), _user, default))).ShouldBeLessThan(Few);
    }

    private Task AnalyseAsync(bool isAnalysed) => isAnalysed ? _db.Database.ExecuteSqlAsync($"ANALYZE") : Task.CompletedTask;

    /// <summary>Entries of tables and indexes read by the worst of some calls.</summary>
    private async Task<long> RowsReadByAsync<T>(Func<Task<T>> asked)
    {
        var most = 0L;
        for (var i = 0; i < UntilPlansAreKept; i++)
        {
            await using var transaction = await _db.Database.BeginTransactionAsync();
            var before = await RowsReadAsync();
            await asked();
            most = Math.Max(most, await RowsReadAsync() - before);
        }

        return most;
    }

    // What the session has not told the server yet: that happens between transactions.
    private async Task<long> RowsReadAsync() =>
        (await _db.Database.SqlQuery<long>(
            $"""
            SELECT sum(pg_stat_get_xact_tuples_returned(oid))::bigint AS "Value" FROM pg_class
            WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace
            """).ToListAsync())[0];
}
