using Microsoft.EntityFrameworkCore;

using Npgsql;

namespace Registry.PackageService.Data;

/// <summary>How the database is reached: bounded in time and number, so that nothing hangs when it does.</summary>
internal static class DatabaseSettings
{
    /// <summary>Connection string of the service's own database.</summary>
    public const string ConnectionName = "packages";

    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 10;
    private const int MaxPoolSize = 40;

    // The server frees the locks of a process that fell silent in a transaction: without this, a cut wire could stop every publish for hours.
    private const string ServerSide = "-c idle_in_transaction_session_timeout=15s -c statement_timeout=12s -c lock_timeout=8s";

    /// <summary>The configured connection string.</summary>
    /// <exception cref="InvalidOperationException">It is not set.</exception>
    public static string ConnectionString(IConfiguration configuration) =>
        configuration.GetConnectionString(ConnectionName) is { Length: > 0 } text
            ? text
            : throw new InvalidOperationException(
                "The database of PackageService is not configured: set ConnectionStrings__packages to a PostgreSQL connection string.");

    /// <summary>The connection string with no limit wider than ours; narrower ones stay.</summary>
    public static string Bounded(string connectionString)
    {
        var bounded = new NpgsqlConnectionStringBuilder(connectionString);
        bounded.Timeout = Math.Min(bounded.Timeout, ConnectSeconds);
        bounded.CommandTimeout = Math.Min(bounded.CommandTimeout, CommandSeconds);
        bounded.MaxPoolSize = Math.Min(bounded.MaxPoolSize, MaxPoolSize);
        bounded.Options = string.IsNullOrEmpty(bounded.Options) ? ServerSide : bounded.Options;
        bounded.ApplicationName ??= "registry-packages";
        return bounded.ConnectionString;
    }

    /// <summary>
    /// The context on a data source. No retrying execution strategy: a repeated transaction would hide what became of the
    /// first one, and that has to be answered truthfully.
    /// </summary>
    public static void Configure(DbContextOptionsBuilder options, NpgsqlDataSource source) => options.UseNpgsql(source);
}
