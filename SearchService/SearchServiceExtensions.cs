using Registry.Contracts.Http;
using Registry.Messaging;
using Registry.Messaging.Changes;
using Registry.SearchService.Data;
using Registry.SearchService.Features.Rebuild;
using Registry.SearchService.Features.Search;
using Registry.SearchService.Index;
using Registry.SearchService.Index.Elasticsearch;
using Registry.SearchService.Index.Postgres;
using Registry.SearchService.Indexing;
using Registry.ServiceDefaults.Clients;
using Registry.ServiceDefaults.Databases;

namespace Registry.SearchService;

/// <summary>What search is made of.</summary>
internal static class SearchServiceExtensions
{
    // Well within the two seconds after which a publish is found.
    private static readonly TimeSpan GatherChangesFor = TimeSpan.FromMilliseconds(500);

    /// <summary>The index, the search over it, and what keeps it up to date.</summary>
    public static WebApplicationBuilder AddSearch(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddServiceDatabase<SearchDbContext>(ServiceNames.Search);
        services.AddSingleton<SearchMetrics>();
        if (builder.Configuration.GetConnectionString("elasticsearch") is { Length: > 0 } elasticsearch)
        {
            builder.AddElasticsearchIndex(elasticsearch);
        }
        else
        {
            services.AddSingleton<ISearchIndex, PostgresSearchIndex>();
        }

        services.AddSingleton<IndexKeeper>().AddSingleton<ReindexPackages>();
        builder.AddSearching();
        services.AddServiceClient<PackagesClient>(builder.Configuration, ServiceNames.Packages);
        builder.AddMessaging(ServiceNames.Search, bus => bus.AddWakeUp<WakeOnPackageChanged>());
        builder.AddChangesFollower<IndexChangedPackages>(GatherChangesFor);
        services.AddHostedService<WatchIndex>();
        builder.AddRebuild();
        return builder;
    }

    private static void AddSearching(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<UpstreamSearchOptions>().BindConfiguration(UpstreamSearchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddServiceClient<UpstreamsClient>(builder.Configuration, ServiceNames.Packages);
        services.AddSingleton<SearchUpstreams>().AddSingleton<SearchPackages>();
    }

    private static void AddRebuild(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddServiceClient<RevisionsClient>(builder.Configuration, ServiceNames.Packages);
        services.AddSingleton<CompareIndex>().AddSingleton<RebuildLedger>().AddSingleton<RebuildIndex>().AddSingleton<RebuildState>();
        services.AddHostedService<RebuildWorker>();
    }
}
