using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

using Npgsql;

namespace Registry.ServiceDefaults.Databases;

/// <summary>Ready means: the database answers, and has been migrated to this version or a later one.</summary>
internal sealed class DatabaseHealth<TContext>(IDbContextFactory<TContext> contexts) : IHealthCheck
    where TContext : DbContext
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

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
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var latest = db.Database.GetMigrations().Last();
        var found = await db.Database
            .SqlQuery<int>($"""SELECT count(*)::int AS "Value" FROM "__EFMigrationsHistory" WHERE "MigrationId" = {latest}""")
            .SingleAsync(cancellationToken);
        return found == 1;
    }
}
