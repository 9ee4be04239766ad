using Registry.Contracts.Http;
using Registry.SearchService.Data;
using Registry.SearchService.Features.Rebuild;
using Registry.SearchService.Features.Search;
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
}
