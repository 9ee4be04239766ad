using Microsoft.EntityFrameworkCore;

using Npgsql;

using Registry.Contracts.Http;

namespace Registry.SearchService.Data;

/// <summary>The connection to the service's own database, <c>ConnectionStrings:search</c>.</summary>
internal static class SearchDatabase
{
    private const int MaxConnections = 20;
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 10;
    private const int MigrationSeconds = 600;

    public static void AddSearchDatabase(this WebApplicationBuilder builder)
    {
        var connection = ConnectionFrom(builder.Configuration);
        builder.Services.AddSingleton(_ => new NpgsqlDataSourceBuilder(connection).Build());
        builder.Services.AddSingleton<FeedPositions>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("database");
    }

    /// <summary>Brings the schema up to date; several at once wait for each other.</summary>
    public static async Task MigrateAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        var options = new DbContextOptionsBuilder<SearchDbContext>()
            .UseNpgsql(ConnectionFrom(configuration), npgsql => npgsql.CommandTimeout(MigrationSeconds))
            .Options;
        await using var db = new SearchDbContext(options);
        await db.Database.MigrateAsync(cancellationToken);
    }

    private static string ConnectionFrom(IConfiguration configuration)
    {
        var text = configuration.GetConnectionString(ServiceNames.Search);
        if (string.IsNullOrEmpty(text))
        {
            throw new InvalidOperationException(
                "ConnectionStrings:search is missing: the PostgreSQL database of SearchService, for example Host=localhost;Database=search;Username=search;Password=…");
        }

        var connection = new NpgsqlConnectionStringBuilder(text) { CommandTimeout = CommandSeconds, ApplicationName = "registry-search" };
        connection.MaxPoolSize = Math.Min(connection.MaxPoolSize, MaxConnections);
        connection.Timeout = Math.Min(connection.Timeout, ConnectSeconds);
        return connection.ConnectionString;
    }
}
