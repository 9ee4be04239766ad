using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

using Registry.Contracts.Http;
using Registry.Messaging;
using Registry.Messaging.Changes;
using Registry.SearchService.Data;
using Registry.SearchService.Features.Search;
using Registry.SearchService.Index;
using Registry.SearchService.Indexing;
using Registry.ServiceDefaults.Clients;

namespace Registry.SearchService;

/// <summary>What search is made of.</summary>
internal static class SearchServiceExtensions
{
    private const int QuerySeconds = 10;

    /// <summary>The index, the search over it, and what keeps it up to date.</summary>
    public static WebApplicationBuilder AddSearch(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddSearchDatabase();
        services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database", HealthStatus.Unhealthy);
        services.AddSingleton<SearchMetrics>();
        services.AddSingleton<ISearchIndex, PostgresSearchIndex>();
        services.AddSingleton<SearchPackages>();
        services.AddServiceClient<PackagesClient>(builder.Configuration, ServiceNames.Packages);
        builder.AddMessaging(ServiceNames.Search, bus => bus.AddWakeUp<WakeOnPackageChanged>());
        builder.AddChangesFollower<IndexChangedPackages>();
        return builder;
    }

    /// <summary>The database of <c>ConnectionStrings:search</c>.</summary>
    /// <exception cref="InvalidOperationException">It is not configured.</exception>
    public static WebApplicationBuilder AddSearchDatabase(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetConnectionString("search") is not { Length: > 0 } connectionString)
        {
            throw new InvalidOperationException("ConnectionStrings:search is missing: the connection string of the search database.");
        }

        builder.Services.AddPooledDbContextFactory<SearchDbContext>(
            options => options.UseNpgsql(connectionString, postgres => postgres.CommandTimeout(QuerySeconds)));
        return builder;
    }
}
