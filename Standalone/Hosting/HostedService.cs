using Registry.AuthService;
using Registry.Contracts.Http;
using Registry.Gateway;
using Registry.PackageService;
using Registry.SearchService;
using Registry.StorageService;
using Registry.Web;

namespace Registry.Standalone.Hosting;

/// <summary>Builds a service from a command line and settings.</summary>
internal delegate WebApplication BuildService(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings);

/// <summary>Brings a service's database up to date.</summary>
internal delegate Task MigrateService(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings);

/// <summary>A service this process hosts.</summary>
/// <param name="Name">One of <see cref="ServiceNames"/>.</param>
/// <param name="Build">Its own method that builds it, the one its program calls.</param>
/// <param name="Database">Its database; null when it has none.</param>
/// <param name="Migrate">Its own method that migrates its database.</param>
internal sealed record HostedService(string Name, BuildService Build, string? Database = null, MigrateService? Migrate = null)
{
    /// <summary>All of them, in the order they start in: who is called comes before who calls.</summary>
    public static IReadOnlyList<HostedService> All { get; } =
    [
        new(ServiceNames.Storage, StorageServiceApp.Build),
        new(ServiceNames.Auth, AuthServiceApp.Build, Database: "auth", (args, settings) => AuthServiceApp.MigrateAsync(args, settings)),
        new(ServiceNames.Packages, PackageServiceApp.Build, Database: "packages", (args, settings) => PackageServiceApp.MigrateAsync(args, settings)),
        new(ServiceNames.Search, SearchServiceApp.Build, Database: "search", (args, settings) => SearchServiceApp.MigrateAsync(args, settings)),
        new(ServiceNames.Web, WebApp.Build),
        new(ServiceNames.Gateway, GatewayApp.Build),
    ];
}
