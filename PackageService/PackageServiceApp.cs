using Registry.Contracts.Http;
using Registry.PackageService.Data;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Databases;

namespace Registry.PackageService;

/// <summary>Builds the service from its configuration; its own program, Standalone and the tests all start here.</summary>
public static class PackageServiceApp
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    /// <exception cref="InvalidOperationException">A required setting is missing; the message names it.</exception>
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Packages, args, settings);
        builder.AddPackages();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapPackages();
        return app;
    }

    /// <summary>Brings the database up to date: the program's word <c>migrate</c>. Several at once wait for each other.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidOperationException">The connection string is missing.</exception>
    public static Task MigrateAsync(
        string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null, CancellationToken cancellationToken = default)
    {
        var configuration = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Packages, args, settings).Configuration;
        return ServiceDatabase.MigrateAsync<PackageDbContext>(configuration, ServiceNames.Packages, options => new(options), cancellationToken);
    }
}
