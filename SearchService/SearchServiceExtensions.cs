using Registry.Contracts.Http;
using Registry.Messaging;
using Registry.Messaging.Changes;
using Registry.SearchService.Data;
using Registry.SearchService.Features.Search;
using Registry.SearchService.Index;
using Registry.SearchService.Indexing;
using Registry.ServiceDefaults.Clients;

namespace Registry.SearchService;

/// <summary>What the service consists of.</summary>
internal static class SearchServiceExtensions
{
    /// <summary>Adds the index and what keeps it in step with the packages.</summary>
    /// <exception cref="InvalidOperationException">A required setting is missing.</exception>
    public static void AddSearch(this WebApplicationBuilder builder)
    {
        builder.AddSearchDatabase();
        builder.Services.AddSingleton<ISearchIndex, PostgresSearchIndex>();
        builder.Services.AddServiceClient<PackagesClient>(builder.Configuration, ServiceNames.Packages);
        builder.AddChangesFollower<IndexChanges>();
        builder.AddMessaging(ServiceNames.Search, bus => bus.AddConsumer<WakeOnPackageChanged>());
    }

    /// <summary>Maps search in every dialect.</summary>
    public static void MapSearch(this IEndpointRouteBuilder routes)
    {
        routes.MapNpmSearch();
        routes.MapPantrySearch();
        routes.MapNativeSearch();
    }
}
