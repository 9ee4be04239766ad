using Microsoft.Extensions.Diagnostics.HealthChecks;

using Npgsql;

namespace Registry.PackageService.Data;

/// <summary>Fails when the service's own database does not answer: the one thing that makes it unready.</summary>
internal sealed class DatabaseHealth(NpgsqlDataSource source) : IHealthCheck
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            await using var command = source.CreateCommand("SELECT 1 FROM feed_epoch");
            return await command.ExecuteScalarAsync(deadline.Token) is int
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("The database has no feed epoch: it was not migrated completely");
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return HealthCheckResult.Unhealthy("The database was not migrated: run the service with the word migrate");
        }
        catch (Exception unreachable) when (unreachable is OperationCanceledException || DatabaseFailures.IsUnreachable(unreachable))
        {
            return HealthCheckResult.Unhealthy("The database does not answer");
        }
    }
}
