using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

using Npgsql;

using Registry.Contracts.Http;
using Registry.SearchService.Data;
using Registry.Testing;

namespace Registry.SearchService.Tests;

/// <summary>A migrated search database for a test class.</summary>
public sealed class SearchDatabase : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public string ConnectionString => _database.ConnectionString;

    internal NpgsqlDataSource Source { get; private set; } = null!;

    internal IDbContextFactory<SearchDbContext> Contexts { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateMigratedAsync(
            ServiceNames.Search, static connection => SearchServiceApp.MigrateAsync([], [new("ConnectionStrings:search", connection)]));
        Source = NpgsqlDataSource.Create(ConnectionString);
        Contexts = new PooledDbContextFactory<SearchDbContext>(
            new DbContextOptionsBuilder<SearchDbContext>().UseNpgsql(ConnectionString).Options);
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await _database.DisposeAsync();
    }
}
