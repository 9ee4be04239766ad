using Registry.Contracts.Http;
using Registry.ServiceDefaults;
using Registry.StorageService.Blobs;
using Registry.StorageService.Features.Downloading;
using Registry.StorageService.Features.Storing;

namespace Registry.StorageService;

/// <summary>Builds the service from its configuration; its own program, Standalone and the tests all start here.</summary>
public static class StorageServiceApp
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Storage, args, settings);
        builder.Services.AddBlobStore(builder.Configuration);

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapStoring();
        app.MapDownloading();
        return app;
    }
}
