using Registry.Contracts.Http;
using Registry.SearchService.Data;
using Registry.SearchService.Features.Rebuild;
using Registry.SearchService.Features.Search;
using Registry.SearchService.Index.Elasticsearch;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Databases;

namespace Registry.SearchService;

/// <summary>Builds the service from its configuration; its own program, Standalone and the tests all start here.</summary>
public static class SearchServiceApp
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    /// <exception cref="InvalidOperationException">A required setting is missing or wrong; the message says which.</exception>
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Search, args, settings);
        builder.AddSearch();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapSearch();
        app.MapRebuild();
        return app;
    }

    /// <summary>Brings the database of <c>ConnectionStrings:search</c> to this version; harmless when it is there already.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidOperationException">The connection string is missing.</exception>
    public static Task MigrateAsync(
        string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null, CancellationToken cancellationToken = default)
    {
        var configuration = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Search, args, settings).Configuration;
        return ServiceDatabase.MigrateAsync<SearchDbContext>(configuration, ServiceNames.Search, options => new(options), cancellationToken);
    }

    /// <summary>Whether Elasticsearch holds an index under the configured prefix; false when it is not configured.</summary>
    /// <param name="settings">Settings of the service.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="TimeoutException">Elasticsearch does not answer; the message says why.</exception>
    public static Task<bool> HasIndexAsync(IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken) =>
        InElasticsearchAsync(settings, index => index.IsThereAsync(cancellationToken));

    /// <summary>Deletes what Elasticsearch holds under the configured prefix, whichever registry it is of.</summary>
    /// <param name="settings">Settings of the service.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="TimeoutException">Elasticsearch does not answer; the message says why.</exception>
    public static Task DeleteIndexAsync(IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken) =>
        InElasticsearchAsync(settings, async index =>
        {
            await index.DeleteAllAsync(cancellationToken);
            return true;
        });

    private static async Task<bool> InElasticsearchAsync(IEnumerable<KeyValuePair<string, string?>> settings, Func<ElasticsearchIndex, Task<bool>> work)
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Search, [], settings);
        if (builder.Configuration.GetConnectionString("elasticsearch") is not { Length: > 0 } elasticsearch)
        {
            return false;
        }

        builder.Services.AddSingleton<SearchMetrics>();
        builder.AddElasticsearchIndex(elasticsearch);
        await using var app = builder.Build();
        return await work(app.Services.GetRequiredService<ElasticsearchIndex>());
    }
}
