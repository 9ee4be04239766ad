using Microsoft.Extensions.Diagnostics.HealthChecks;

using Registry.SearchService.Indexing;
using Registry.ServiceDefaults.Databases;

namespace Registry.SearchService.Index.Elasticsearch;

/// <summary>Ready means: the engine answers and can search the index. One that is missing is being made anew, which degrades search only.</summary>
internal sealed class ElasticsearchHealth(ElasticsearchIndex index, IndexKeeper keeper) : IHealthCheck
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            if (await keeper.FindAsync(IndexRole.Live, deadline.Token) is null)
            {
                return HealthCheckResult.Degraded("The index is missing in Elasticsearch; it is made anew and filled");
            }

            await index.ProbeAsync(deadline.Token);
            return HealthCheckResult.Healthy();
        }
        catch (Exception away) when (away is TimeoutException or ForeignIndexException)
        {
            return HealthCheckResult.Unhealthy(away.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("Elasticsearch does not answer in time");
        }
        catch (Exception database) when (DatabaseFailures.IsUnreachable(database))
        {
            return HealthCheckResult.Unhealthy("Which index is ours is not known: the database does not answer");
        }
    }
}
