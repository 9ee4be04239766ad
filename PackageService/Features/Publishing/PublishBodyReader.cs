using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

using Registry.PackageService.Features.Publishing.Bodies;
using Registry.PackageService.Features.Publishing.Tarballs;
using Registry.PackageService.Packages;
using Registry.PackageService.Storage;

namespace Registry.PackageService.Features.Publishing;

/// <summary>
/// Reads the body of a publish as a stream: the tarball goes to storage while it is hashed and inspected, the rest is
/// checked against it. Memory does not grow with the tarball, and unless everything is acceptable its blob never appears.
/// </summary>
internal sealed class PublishBodyReader(StorageClient storage, IOptions<PublishingOptions> options)
{
    // A character of base64 may be written as an escape of six, and four of them stand for three bytes.
    private const int MaxJsonBytesPerByte = 8;

    private const int MostInBatch = 100;
    private readonly PublishingOptions _options = options.Value;
    private readonly TarballReceiver _tarballs = new(storage, options.Value);

    /// <summary>Reads npm's publish document (npm protocol 3.4), or any other document that was put to a package.</summary>
    /// <param name="request">The request whose body is read.</param>
    /// <param name="urlName">The name in the URL, which the document has to repeat.</param>
    /// <param name="cancellationToken">Ends reading and storing.</param>
    /// <exception cref="HttpRequestException">StorageService could not be reached or refused.</exception>
    /// <exception cref="TimeoutException">StorageService did not answer.</exception>
    public Task<ReadOutcome> ReadNpmAsync(HttpRequest request, PackageName urlName, CancellationToken cancellationToken) =>
        ReadAsync(request, body => ReadNpmAsync(body, urlName, cancellationToken), cancellationToken);

    /// <summary>Reads several publish documents, <c>{"packages":[…]}</c>, one tarball after the other.</summary>
    /// <exception cref="HttpRequestException">StorageService could not be reached or refused.</exception>
    /// <exception cref="TimeoutException">StorageService did not answer.</exception>
    public Task<ReadOutcome> ReadBatchAsync(HttpRequest request, CancellationToken cancellationToken) =>
        ReadAsync(request, _options.MaxBatchBytes, body => ReadBatchAsync(body, cancellationToken), cancellationToken);

    /// <summary>Reads a packument that changes a package without a new tarball (npm protocol 3.5); at a tarball it reads no further.</summary>
    public Task<ReadOutcome> ReadUpdateAsync(HttpRequest request, CancellationToken cancellationToken) =>
        ReadAsync(
            request,
            async body =>
            {
                await using var json = new JsonBody(body, TarballPlace.Npm, _options.MaxDocumentBytes);
                return await json.MoveToTarballAsync(cancellationToken)
                    ? new ReadOutcome.TarballUnread()
                    : new ReadOutcome.NotAPublish(await json.ReadDocumentAsync(cancellationToken));
            },
            cancellationToken);

    /// <summary>Reads pantry's publish body: multipart with the parts <c>metadata</c> and <c>tarball</c>, or JSON with the same members (P21, P22).</summary>
    /// <param name="request">The request whose body is read.</param>
    /// <param name="cancellationToken">Ends reading and storing.</param>
    /// <exception cref="HttpRequestException">StorageService could not be reached or refused.</exception>
    /// <exception cref="TimeoutException">StorageService did not answer.</exception>
    public Task<ReadOutcome> ReadPantryAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        _ = MediaTypeHeaderValue.TryParse(request.ContentType, out var type);
        return (type?.MediaType.Value?.ToLowerInvariant(), type is null ? null : MultipartBody.BoundaryOf(type)) switch
        {
            ("application/json", _) => ReadAsync(request, body => ReadPantryJsonAsync(body, cancellationToken), cancellationToken),
            ("multipart/form-data", { } boundary) =>
                ReadAsync(request, body => ReadPantryPartsAsync(body, boundary, cancellationToken), cancellationToken),
            ("multipart/form-data", null) => Refuse(StatusCodes.Status400BadRequest, "invalid_multipart", "The content type names no usable boundary"),
            _ => Refuse(StatusCodes.Status415UnsupportedMediaType, "unsupported_content_type", "Unsupported content type"),
        };
    }

    private static Task<ReadOutcome> Refuse(int status, string code, string message) =>
        Task.FromResult<ReadOutcome>(new ReadOutcome.Refused(status, code, message));

    private Task<ReadOutcome> ReadAsync(
        HttpRequest request, Func<IncomingBody, Task<ReadOutcome>> read, CancellationToken cancellationToken) =>
        ReadAsync(request, _options.MaxDocumentBytes + (Math.Min(_options.MaxTarballBytes, long.MaxValue / 16) * MaxJsonBytesPerByte), read, cancellationToken);

    private static async Task<ReadOutcome> ReadAsync(
        HttpRequest request, long maxBytes, Func<IncomingBody, Task<ReadOutcome>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAndReadAsync(request, maxBytes, read, cancellationToken);
        }
        catch (BodyRefusedException refused)
        {
            return refused.Refusal;
        }
    }

    private static async Task<ReadOutcome> OpenAndReadAsync(
        HttpRequest request, long maxBytes, Func<IncomingBody, Task<ReadOutcome>> read, CancellationToken cancellationToken)
    {
        await using var body = new IncomingBody(request.Body, maxBytes, cancellationToken);
        try
        {
            return await read(body);
        }
        catch (Exception malformed) when (malformed is InvalidDataException || (malformed is IOException && body.AtEnd))
        {
            // What the reader of multipart bodies throws when one breaks its limits or ends before its last boundary.
            throw BodyRefusedException.Invalid("invalid_multipart", "The multipart body is malformed or ends too early");
        }
    }

    private async Task<ReadOutcome> ReadNpmAsync(IncomingBody body, PackageName urlName, CancellationToken cancellationToken)
    {
        await using var json = new JsonBody(body, TarballPlace.Npm, _options.MaxDocumentBytes);
        if (await json.MoveToTarballAsync(cancellationToken))
        {
            return new ReadOutcome.Read(await ReceiveAsync(json, urlName, cancellationToken));
        }

        var document = await json.ReadDocumentAsync(cancellationToken);
        return NpmDocument.HasTarball(document)
            ? throw BodyRefusedException.Invalid("invalid_document", "The attachment's data must be the tarball as base64 text")
            : new ReadOutcome.NotAPublish(document);
    }

    /// <param name="json">A document, read up to its tarball.</param>
    /// <param name="name">The name it has to be of; null when it says so itself.</param>
    /// <param name="cancellationToken">Ends reading and storing.</param>
    private Task<PublishCommand> ReceiveAsync(JsonBody json, PackageName? name, CancellationToken cancellationToken) =>
        _tarballs.ReceiveAsync(
            json, async (tarball, token) => NpmDocument.ToCommand(await json.ReadDocumentAsync(token), tarball, name), cancellationToken);

    private async Task<ReadOutcome> ReadBatchAsync(IncomingBody body, CancellationToken cancellationToken)
    {
        var batch = new BatchBody(body);
        var commands = new List<PublishCommand>();
        var room = _options.MaxDocumentBytes;
        while (await batch.MoveToNextAsync(cancellationToken) is { } document)
        {
            if (commands.Count == MostInBatch)
            {
                throw BodyRefusedException.TooLarge("batch_too_large", $"At most {MostInBatch} packages can be published at once");
            }

            await using var json = new JsonBody(document, TarballPlace.Npm, room);
            commands.Add(await ReadElementAsync(json, commands.Count, cancellationToken));
            room -= json.DocumentBytes;
        }

        return commands.Count > 0
            ? new ReadOutcome.ReadBatch(commands)
            : throw BodyRefusedException.Invalid("missing_tarball", "There is no package to publish");
    }

    private async Task<PublishCommand> ReadElementAsync(JsonBody json, int index, CancellationToken cancellationToken)
    {
        try
        {
            return await json.MoveToTarballAsync(cancellationToken)
                ? await ReceiveAsync(json, null, cancellationToken)
                : throw BodyRefusedException.Invalid("missing_tarball", "The document has no tarball");
        }
        catch (BodyRefusedException refused)
        {
            var (status, code, message) = refused.Refusal;
            throw new BodyRefusedException(status, code, $"packages[{index}]: {message}");
        }
    }

    private async Task<ReadOutcome> ReadPantryJsonAsync(IncomingBody body, CancellationToken cancellationToken)
    {
        await using var json = new JsonBody(body, TarballPlace.Pantry, _options.MaxDocumentBytes);
        if (await json.MoveToTarballAsync(cancellationToken))
        {
            return await _tarballs.ReceiveAsync<ReadOutcome>(
                json,
                async (tarball, token) =>
                {
                    var document = await json.ReadDocumentAsync(token);
                    var metadata = document["metadata"] as JsonObject
                        ?? throw BodyRefusedException.Invalid("missing_metadata", "Missing metadata: it must be an object");
                    return new ReadOutcome.Read(PantryMetadata.ToCommand(metadata, tarball));
                },
                cancellationToken);
        }

        await json.ReadDocumentAsync(cancellationToken);
        throw BodyRefusedException.Invalid("missing_tarball", "Missing tarball: send it as base64 text in the member tarball");
    }

    private async Task<ReadOutcome> ReadPantryPartsAsync(IncomingBody body, string boundary, CancellationToken cancellationToken)
    {
        var parts = new MultipartBody(body, boundary);
        if (await parts.MoveToTarballAsync(cancellationToken) is not { } tarball)
        {
            throw BodyRefusedException.Invalid("missing_tarball", "Missing tarball: send it as the part named tarball");
        }

        return await _tarballs.ReceiveAsync<ReadOutcome>(
            tarball,
            async (received, token) => new ReadOutcome.Read(PantryMetadata.ToCommand(await parts.ReadMetadataAsync(token), received)),
            cancellationToken);
    }
}
