using Microsoft.Extensions.Diagnostics.HealthChecks;

using Npgsql;

namespace Registry.SearchService.Data;

/// <summary>Fails when the service's own database does not answer, or was not migrated.</summary>
internal sealed class DatabaseHealth(NpgsqlDataSource database) : IHealthCheck
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            await using var command = database.CreateCommand("SELECT count(*) FROM positions");
            await command.ExecuteScalarAsync(deadline.Token);
            return HealthCheckResult.Healthy();
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return HealthCheckResult.Unhealthy("The database was not migrated: run the service with the word migrate");
        }
        catch (Exception unreachable) when (unreachable is OperationCanceledException or NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The database does not answer");
        }
    }
}
