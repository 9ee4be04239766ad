using System.Diagnostics.Metrics;

using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Registry.StorageService.Blobs;

/// <summary>Registers the store, observed, with its preparation at start, its health check and its failure as HTTP.</summary>
internal static class BlobStoreExtensions
{
    public static IServiceCollection AddBlobStore(this IServiceCollection services)
    {
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddMetrics();
        services.AddSingleton<FileSystemBlobStore>();
        services.AddSingleton<IBlobStore>(provider => new ObservedBlobStore(
            provider.GetRequiredService<FileSystemBlobStore>(),
            provider.GetRequiredService<IOptions<StorageOptions>>(),
            provider.GetRequiredService<IMeterFactory>()));
        services.AddHostedService<FolderPreparation>();
        services.AddExceptionHandler<BlobStoreFailureHandler>();
        services.AddSingleton<BlobStoreHealthCheck>();
        services.AddHealthChecks().AddCheck<BlobStoreHealthCheck>("store", HealthStatus.Unhealthy);
        return services;
    }

    /// <summary>A folder that cannot be used stops the service at start, with one sentence, instead of at the first publish.</summary>
    private sealed class FolderPreparation(FileSystemBlobStore store) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            store.Prepare();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
