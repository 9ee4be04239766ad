using Registry.Contracts.Http;
using Registry.ServiceDefaults;
using Registry.StorageService.Blobs;
using Registry.StorageService.Features.Copying;
using Registry.StorageService.Features.Deleting;
using Registry.StorageService.Features.Downloading;
using Registry.StorageService.Features.Storing;

namespace Registry.StorageService;

/// <summary>Builds the service from its configuration; its own program, Standalone and the tests all start here.</summary>
public static class StorageServiceApp
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    /// <exception cref="InvalidOperationException">The store is not configured rightly; names the setting.</exception>
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Storage, args, settings);
        builder.Services.AddBlobStore(builder.Configuration);

        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapStoring();
        app.MapDownloading();
        app.MapDeleting();
        return app;
    }

    /// <summary>
    /// Copies every blob of one store into another, each checked against its digest on the way. What the target has in the same size is
    /// skipped, so an interrupted copy goes on where it stopped. The registry may run meanwhile; what it stores behind the copy's back is
    /// copied by the next one.
    /// </summary>
    /// <param name="stores">Addresses of the source and of the target, as <c>disk:/path</c> or <c>s3:{connection string}</c>.</param>
    /// <param name="caFile">The file of <c>Tls:CaFile</c>, or null.</param>
    /// <param name="verify">Reads each blob back from the target, also those that were there.</param>
    /// <param name="report">Is told after each blob, one call at a time.</param>
    /// <param name="cancellationToken">Stops; whatever is copied by then is whole.</param>
    /// <exception cref="InvalidOperationException">An address is wrong, or a store cannot be used; one sentence says why.</exception>
    public static async Task<BlobCopyProgress> CopyBlobsAsync(
        (string From, string To) stores, string? caFile, bool verify, Action<BlobCopyProgress> report, CancellationToken cancellationToken)
    {
        using var source = await StoreAddress.OpenAsync(stores.From, caFile, mustExist: true, cancellationToken);
        using var target = await StoreAddress.OpenAsync(stores.To, caFile, mustExist: false, cancellationToken);
        try
        {
            return await new CopyBlobs(source.Store, target.Store, verify, report).ExecuteAsync(cancellationToken);
        }
        catch (BlobStoreException failure)
        {
            throw new InvalidOperationException($"A store could not be listed to its end: {failure.InnerException?.Message ?? failure.Message}", failure);
        }
    }
}
