using Microsoft.Extensions.Diagnostics.HealthChecks;

using Npgsql;

namespace Registry.AuthService.Data;

/// <summary>Ready means: the database answers, and has been migrated.</summary>
internal sealed class DatabaseHealth(NpgsqlDataSource database) : IHealthCheck
{
    private const int TimeoutSeconds = 3;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = database.CreateCommand("SELECT EXISTS (SELECT 1 FROM accounts)");
            command.CommandTimeout = TimeoutSeconds;
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException failure)
        {
            var sentence = failure is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable }
                ? "The database has not been migrated"
                : "The database does not answer";
            return new HealthCheckResult(context.Registration.FailureStatus, sentence, failure);
        }
    }
}
