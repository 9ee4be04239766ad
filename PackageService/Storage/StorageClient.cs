using Registry.Contracts.Http.Storage;

namespace Registry.PackageService.Storage;

/// <summary>The part of StorageService that publishing uses.</summary>
internal sealed class StorageClient(HttpClient http)
{
    /// <summary>Stores what <paramref name="write"/> writes, while it writes it. When it throws, the request is cut off and nothing is stored.</summary>
    /// <param name="write">Writes the blob's bytes.</param>
    /// <param name="cancellationToken">Cuts the request off.</param>
    /// <exception cref="HttpRequestException">StorageService could not be reached or refused.</exception>
    /// <exception cref="TimeoutException">Nothing moved for a minute.</exception>
    public Task<StoreBlobResponse> StoreAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{http} {write} {cancellationToken}");
}
