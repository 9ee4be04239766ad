using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Registry.SearchService.Data;

/// <summary>Failed while the search database does not answer.</summary>
internal sealed class DatabaseHealthCheck(IDbContextFactory<SearchDbContext> contexts) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        await using var db = await contexts.CreateDbContextAsync(bounded.Token);
        return await db.Database.CanConnectAsync(bounded.Token)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("the search database does not answer");
    }
}
