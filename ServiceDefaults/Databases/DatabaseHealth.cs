using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

using Npgsql;

namespace Registry.ServiceDefaults.Databases;

/// <summary>
/// Ready means: the database answers, and has been migrated to this version or a later one. Asked in plain SQL: this is what a
/// starting service does first and a running one does every second, and a first query by the model takes seconds on a busy machine.
/// </summary>
internal sealed class DatabaseHealth<TContext>(IDbContextFactory<TContext> contexts, NpgsqlDataSource database) : IHealthCheck
    where TContext : DbContext
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    private string? _latest;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            return await IsMigratedAsync(deadline.Token)
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("The database has not been migrated to this version: run the service with the word migrate");
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return HealthCheckResult.Unhealthy("The database has not been migrated: run the service with the word migrate");
        }
        catch (Exception unreachable) when (unreachable is OperationCanceledException or NpgsqlException || DatabaseFailures.IsUnreachable(unreachable))
        {
            return HealthCheckResult.Unhealthy("The database does not answer");
        }
    }

    private async Task<bool> IsMigratedAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""SELECT count(*) FROM "__EFMigrationsHistory" WHERE "MigrationId" = $1""");
        command.Parameters.Add(new NpgsqlParameter { Value = _latest ??= await LatestAsync(cancellationToken) });
        return await command.ExecuteScalarAsync(cancellationToken) is 1L;
    }

    private async Task<string> LatestAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return db.Database.GetMigrations().Last();
    }
}
