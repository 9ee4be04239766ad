using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using Registry.ServiceDefaults.Tls;
using Registry.StorageService.Blobs;
using Registry.StorageService.Blobs.S3;

namespace Registry.StorageService.Features.Copying;

/// <summary>A store that was named on a command line, opened: <c>disk:/path</c> or <c>s3:{connection string}</c>.</summary>
internal sealed class StoreAddress : IDisposable
{
    private const string Disk = "disk:";
    private const string S3 = "s3:";

    private readonly IDisposable? _connection;

    private StoreAddress(IBlobStore store, IDisposable? connection = null)
    {
        Store = store;
        _connection = connection;
    }

    /// <summary>The store.</summary>
    public IBlobStore Store { get; }

    /// <summary>Opens a store and prepares it as a service does that starts on it.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="caFile">The file of <c>Tls:CaFile</c>, or null.</param>
    /// <param name="mustExist">The store is read: a folder that is missing is not made.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">It is no address, or the store cannot be used; one sentence says why.</exception>
    public static async Task<StoreAddress> OpenAsync(string address, string? caFile, bool mustExist, CancellationToken cancellationToken) =>
        address.StartsWith(Disk, StringComparison.Ordinal) && address.Length > Disk.Length ? OpenDisk(address[Disk.Length..], mustExist)
        : address.StartsWith(S3, StringComparison.Ordinal) ? await OpenS3Async(S3Settings.Parse(address[S3.Length..]), caFile, cancellationToken)
        : throw new InvalidOperationException("A store is written disk:/path or s3:Endpoint=…;Bucket=…;AccessKey=…;SecretKey=…"); // what was given may hold a secret

    public void Dispose() => _connection?.Dispose();

    private static StoreAddress OpenDisk(string path, bool mustExist)
    {
        if (mustExist && !Directory.Exists(Path.Combine(path, "blobs", "sha256")))
        {
            throw new InvalidOperationException($"'{path}' holds no blobs: there is no folder blobs/sha256 in it.");
        }

        var store = new FileSystemBlobStore(Options.Create(new StorageOptions { Path = path }), TimeProvider.System, NullLogger<FileSystemBlobStore>.Instance);
        store.Prepare();
        return new StoreAddress(store);
    }

    private static async Task<StoreAddress> OpenS3Async(S3Settings settings, string? caFile, CancellationToken cancellationToken)
    {
        var limits = new S3Limits();
        S3Connection? connection = null;
        try
        {
            connection = S3Connection.Open(settings, limits, PrivateCa.Load(caFile));
            using var preparation = new S3Preparation(connection, settings, limits, TimeProvider.System, NullLogger<S3Preparation>.Instance);
            await preparation.PrepareAsync(cancellationToken);
            var opened = new StoreAddress(new S3BlobStore(connection.Client, settings.Bucket, limits, TimeProvider.System), connection);
            connection = null; // is the address's from here
            return opened;
        }
        catch (BlobStoreException away)
        {
            throw new InvalidOperationException($"S3 at {settings.Endpoint.GetLeftPart(UriPartial.Authority)} does not answer: {away.InnerException?.Message}", away);
        }
        finally
        {
            connection?.Dispose();
        }
    }
}
