using Microsoft.Extensions.Options;

using Registry.PackageService.Packages;
using Registry.PackageService.Storage;

namespace Registry.PackageService.Features.Publishing;

/// <summary>
/// Reads the body of a publish as a stream: the tarball goes to storage while it is hashed and inspected, the rest is
/// checked against it. Memory does not grow with the tarball.
/// </summary>
internal sealed class PublishBodyReader(StorageClient storage, IOptions<PublishingOptions> options)
{
    /// <summary>Reads npm's publish document (npm protocol 3.4), or any other document that was put to a package.</summary>
    /// <param name="request">The request whose body is read.</param>
    /// <param name="urlName">The name in the URL, which the document has to repeat.</param>
    /// <param name="cancellationToken">Ends reading and storing.</param>
    public Task<ReadOutcome> ReadNpmAsync(HttpRequest request, PackageName urlName, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{storage} {options} {request} {urlName} {cancellationToken}");

    /// <summary>Reads pantry's publish body: multipart with the parts <c>metadata</c> and <c>tarball</c>, or JSON with the same members (P21, P22).</summary>
    /// <param name="request">The request whose body is read.</param>
    /// <param name="cancellationToken">Ends reading and storing.</param>
    public Task<ReadOutcome> ReadPantryAsync(HttpRequest request, CancellationToken cancellationToken) =>
        throw new NotImplementedException($"{storage} {options} {request} {cancellationToken}");
}
