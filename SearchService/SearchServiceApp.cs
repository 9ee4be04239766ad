using Registry.Contracts.Http;
using Registry.SearchService.Data;
using Registry.ServiceDefaults;

namespace Registry.SearchService;

/// <summary>Builds the service from its configuration; its own program, Standalone and the tests all start here.</summary>
public static class SearchServiceApp
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    /// <exception cref="InvalidOperationException">A required setting is missing; the message names it.</exception>
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Search, args, settings);
        builder.AddSearch();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapSearch();
        return app;
    }

    /// <summary>Brings the service's database up to date: the verb <c>migrate</c>. Safe to run by several at once.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidOperationException">A required setting is missing; the message names it.</exception>
    public static Task MigrateAsync(
        string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null, CancellationToken cancellationToken = default) =>
        SearchDatabase.MigrateAsync(
            ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Search, args, settings).Configuration, cancellationToken);
}
