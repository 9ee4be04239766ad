using Registry.Contracts.Http;
using Registry.StorageService.Tests.Blobs;
using Registry.Testing;

namespace Registry.StorageService.Tests.Features;

/// <summary>The running service on a folder of its own, and PackageService's client to it.</summary>
internal sealed class StorageHost : IAsyncDisposable
{
    private StorageHost(ServiceHost host, StoreFolder folder)
    {
        Host = host;
        Folder = folder;
        Packages = host.ClientForService(ServiceNames.Packages);
    }

    public ServiceHost Host { get; }

    public StoreFolder Folder { get; }

    public HttpClient Packages { get; }

    public static async Task<StorageHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var folder = new StoreFolder();
        var all = settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value);
        if (!all.ContainsKey("ConnectionStrings:s3"))
        {
            all["Storage:Path"] = folder.Path;
        }

        return new StorageHost(await ServiceHost.StartAsync(ServiceNames.Storage, StorageServiceApp.Build, all), folder);
    }

    public int CountFiles() => Directory.EnumerateFiles(Folder.Path, "*", SearchOption.AllDirectories).Count();

    public async ValueTask DisposeAsync()
    {
        Packages.Dispose();
        await Host.DisposeAsync();
        Folder.Dispose();
    }
}
