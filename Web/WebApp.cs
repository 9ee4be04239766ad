using Registry.Contracts.Http;
using Registry.ServiceDefaults;
using Registry.Web.Assets;
using Registry.Web.Features.Home;
using Registry.Web.Features.Packages;
using Registry.Web.Features.Search;
using Registry.Web.Peers;
using Registry.Web.Shell;

namespace Registry.Web;

/// <summary>Builds the service from its configuration; its own program, Standalone and the tests all start here.</summary>
public static class WebApp
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Web, args, settings);
        builder.Services.AddPeers(builder.Configuration);
        builder.Services.AddRazorComponents();
        builder.Services.AddExceptionHandler<UnexpectedErrorHandler>();

        var app = builder.Build();
        app.UseSecurityHeaders();
        app.UseServiceDefaults(routeByDialect: false); // pages have no dialect: they are the root of the native mount
        app.MapAssets();
        app.MapHome();
        app.MapSearch();
        app.MapPackages();
        app.MapUnknownPages();
        return app;
    }
}
