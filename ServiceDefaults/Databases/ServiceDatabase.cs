using System.Data.Common;

using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

using Npgsql;

namespace Registry.ServiceDefaults.Databases;

/// <summary>A service's own PostgreSQL database: reached within bounds of time and number, so that nothing hangs when it does.</summary>
public static class ServiceDatabase
{
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 10;
    private const int MaxPoolSize = 30;
    private const int MaxAutoPrepare = 100; // statements a connection keeps: more than any service has
    private const long MigrationLock = 0x6D_69_67_72_61_74_65; // "migrate"
    private static readonly TimeSpan MigrateWithin = TimeSpan.FromMinutes(30);

    // The server frees the locks of a process that fell silent in a transaction: without this, a cut wire could stop every publish for hours.
    private const string ServerSide = "-c idle_in_transaction_session_timeout=15s -c statement_timeout=12s -c lock_timeout=8s";

    /// <summary>
    /// Registers the data source and the context (as a factory and for a request) of <c>ConnectionStrings:{service}</c>, the health
    /// check <c>database</c>, and the answer to requests that fail because the database is away. No retrying execution strategy: a
    /// repeated transaction would hide what became of the first one, and that has to be answered truthfully.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="service">Its name, and its connection string's.</param>
    /// <exception cref="InvalidOperationException">The connection string is missing; the message names it.</exception>
    public static WebApplicationBuilder AddServiceDatabase<TContext>(this WebApplicationBuilder builder, string service)
        where TContext : DbContext
    {
        var connectionString = Bounded(ConnectionString(builder.Configuration, service), service);
        var services = builder.Services;
        services.AddSingleton(_ => new NpgsqlDataSourceBuilder(connectionString).Build());
        // It takes the data source from the services. Named here, it would be part of what EF keeps its models and compiled queries by, once for each.
        services.AddPooledDbContextFactory<TContext>(static options => options.UseNpgsql());
        services.TryAddScoped(provider => provider.GetRequiredService<IDbContextFactory<TContext>>().CreateDbContext());
        services.AddExceptionHandler<DatabaseFailures>();
        services.AddSingleton<DatabaseHealth<TContext>>();
        services.AddHealthChecks().AddCheck<DatabaseHealth<TContext>>("database", HealthStatus.Unhealthy);
        return builder;
    }

    /// <summary>Brings the schema of <c>ConnectionStrings:{service}</c> to this version; several at once wait for each other.</summary>
    /// <exception cref="InvalidOperationException">The connection string is missing; the message names it.</exception>
    public static async Task MigrateAsync<TContext>(
        IConfiguration configuration, string service, Func<DbContextOptions<TContext>, TContext> create, CancellationToken cancellationToken)
        where TContext : DbContext
    {
        var options = new DbContextOptionsBuilder<TContext>()
            .UseNpgsql(ConnectionString(configuration, service), npgsql => npgsql.CommandTimeout((int)MigrateWithin.TotalSeconds))
            .Options;
        await using var db = create(options);
        await db.Database.OpenConnectionAsync(cancellationToken);

        // EF's own lock ends with each migration, and who waited would then apply one that is applied. Ours ends with the connection.
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({MigrationLock})", cancellationToken);
        await db.Database.MigrateAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({MigrationLock})", cancellationToken);
    }

    /// <summary>
    /// The connection string with no limit wider than ours; narrower ones stay. Statements that come again are prepared by themselves, which spares the
    /// server reading and planning them each time; a pooler that cannot have that is told of by <c>Max Auto Prepare=0</c>. Services leave nothing in
    /// a session that outlives a transaction, so connections go back to the pool as they are.
    /// </summary>
    internal static string Bounded(string connectionString, string service)
    {
        var bounded = new NpgsqlConnectionStringBuilder(connectionString);
        bounded.Timeout = Math.Min(bounded.Timeout, ConnectSeconds);
        bounded.CommandTimeout = Math.Min(bounded.CommandTimeout, CommandSeconds);
        bounded.MaxPoolSize = Math.Min(bounded.MaxPoolSize, MaxPoolSize);
        bounded.MaxAutoPrepare = Says(connectionString, "Max Auto Prepare") ? bounded.MaxAutoPrepare : MaxAutoPrepare;
        bounded.NoResetOnClose = !Says(connectionString, "No Reset On Close") || bounded.NoResetOnClose;
        bounded.Options = string.IsNullOrEmpty(bounded.Options) ? ServerSide : bounded.Options;
        bounded.ApplicationName ??= $"registry-{service}";
        return bounded.ConnectionString;
    }

    private static bool Says(string connectionString, string keyword) =>
        new DbConnectionStringBuilder { ConnectionString = connectionString } is var written
        && (written.ContainsKey(keyword) || written.ContainsKey(keyword.Replace(" ", "", StringComparison.Ordinal)));

    private static string ConnectionString(IConfiguration configuration, string service) =>
        configuration.GetConnectionString(service) is { Length: > 0 } text
            ? text
            : throw new InvalidOperationException(
                $"ConnectionStrings:{service} is missing: set ConnectionStrings__{service} to a PostgreSQL connection string, for example Host=localhost;Database={service};Username={service};Password=…");
}
