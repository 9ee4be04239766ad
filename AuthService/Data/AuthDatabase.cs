using Microsoft.EntityFrameworkCore;

using Npgsql;

using Registry.Contracts.Http;

namespace Registry.AuthService.Data;

/// <summary>The connection to the service's own database, <c>ConnectionStrings:auth</c>.</summary>
internal static class AuthDatabase
{
    private const int MaxConnections = 20;
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 10;
    private const int MigrationSeconds = 600;

    public static void AddAuthDatabase(this WebApplicationBuilder builder)
    {
        var connection = ConnectionFrom(builder.Configuration);
        builder.Services.AddSingleton(_ => new NpgsqlDataSourceBuilder(connection).Build());
        builder.Services.AddDbContextPool<AuthDbContext>(
            (services, db) => db.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()), poolSize: 64);
        builder.Services.AddSingleton<ThrottleCounters>();
        builder.Services.AddSingleton<ForgetOldRows>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ForgetOldRows>());
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("database");
    }

    /// <summary>Brings the schema up to date; several at once wait for each other.</summary>
    public static async Task MigrateAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        var options = new DbContextOptionsBuilder<AuthDbContext>()
            .UseNpgsql(ConnectionFrom(configuration), npgsql => npgsql.CommandTimeout(MigrationSeconds))
            .Options;
        await using var db = new AuthDbContext(options);
        await db.Database.MigrateAsync(cancellationToken);
    }

    private static string ConnectionFrom(IConfiguration configuration)
    {
        var text = configuration.GetConnectionString(ServiceNames.Auth);
        if (string.IsNullOrEmpty(text))
        {
            throw new InvalidOperationException(
                "ConnectionStrings:auth is missing: the PostgreSQL database of AuthService, for example Host=localhost;Database=auth;Username=auth;Password=…");
        }

        var connection = new NpgsqlConnectionStringBuilder(text) { CommandTimeout = CommandSeconds, ApplicationName = "registry-auth" };
        connection.MaxPoolSize = Math.Min(connection.MaxPoolSize, MaxConnections);
        connection.Timeout = Math.Min(connection.Timeout, ConnectSeconds);
        return connection.ConnectionString;
    }
}
