using System.Diagnostics.Metrics;

using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

using Registry.ServiceDefaults.Tls;
using Registry.StorageService.Blobs.S3;

namespace Registry.StorageService.Blobs;

/// <summary>Registers the store, observed, with its preparation at start, its health check and its failure as HTTP.</summary>
internal static class BlobStoreExtensions
{
    /// <summary>Adds S3 when <c>ConnectionStrings:s3</c> is set, else the disk.</summary>
    /// <exception cref="InvalidOperationException">The connection string or the file of <c>Tls:CaFile</c> is not valid; names which.</exception>
    public static IServiceCollection AddBlobStore(this IServiceCollection services, IConfiguration configuration)
    {
        var s3 = configuration.GetConnectionString("s3") is { Length: > 0 } text ? S3Settings.Parse(text) : null;
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).ValidateDataAnnotations().ValidateOnStart()
            .Validate(
                options => s3 is not null || options.Path.Length > 0,
                "Storage:Path is missing: the folder in which StorageService keeps the bytes of packages. Or set ConnectionStrings:s3.")
            .Validate(static options => options.S3.HasValidLifetime, "Storage:S3:PresignedLifetime must be between a second and seven days.");
        services.AddMetrics();
        if (s3 is null)
        {
            services.AddDisk();
        }
        else
        {
            services.AddS3(s3, PrivateCa.Load(configuration[PrivateCa.Setting]));
        }

        services.AddExceptionHandler<BlobStoreFailureHandler>();
        services.AddSingleton<BlobStoreHealthCheck>();
        services.AddHealthChecks().AddCheck<BlobStoreHealthCheck>("store", HealthStatus.Unhealthy);
        return services;
    }

    private static void AddDisk(this IServiceCollection services)
    {
        services.AddSingleton<FileSystemBlobStore>();
        services.AddObserved(static provider => provider.GetRequiredService<FileSystemBlobStore>());
        services.AddHostedService<FolderPreparation>();
    }

    private static void AddS3(this IServiceCollection services, S3Settings settings, PrivateCa? authorities)
    {
        services.AddSingleton(settings);
        services.AddSingleton(static provider => S3Limits.For(provider.GetRequiredService<IOptions<StorageOptions>>().Value.MaxBlobBytes));
        services.AddSingleton(provider => S3Connection.Open(settings, provider.GetRequiredService<S3Limits>(), authorities));
        services.AddObserved(provider => new S3BlobStore(
            provider.GetRequiredService<S3Connection>().Client, settings.Bucket, provider.GetRequiredService<S3Limits>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<S3Preparation>();
    }

    private static void AddObserved(this IServiceCollection services, Func<IServiceProvider, IBlobStore> store) =>
        services.AddSingleton<IBlobStore>(provider => new ObservedBlobStore(
            store(provider), provider.GetRequiredService<IOptions<StorageOptions>>(), provider.GetRequiredService<IMeterFactory>()));

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
