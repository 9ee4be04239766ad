using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;

using Registry.Contracts.Http.Storage;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Clients;

namespace Registry.PackageService.Storage;

/// <summary>The part of StorageService that publishing uses.</summary>
internal sealed class StorageClient(HttpClient http)
{
    /// <summary>
    /// Stores what <paramref name="write"/> writes, while it writes it. When it throws, the request is cut off in the middle,
    /// so that nothing is stored, and the exception comes out of here.
    /// </summary>
    /// <param name="write">Writes the blob's bytes.</param>
    /// <param name="cancellationToken">Cuts the request off.</param>
    /// <exception cref="HttpRequestException">StorageService could not be reached or refused.</exception>
    /// <exception cref="TimeoutException">StorageService took nothing, or did not answer, for a minute.</exception>
    public async Task<StoreBlobResponse> StoreAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        using var patience = new UploadPatience(cancellationToken);
        using var content = new WrittenContent(write, patience);
        using var request = new HttpRequestMessage(HttpMethod.Post, StorageRoutes.Blobs) { Content = content };
        request.Options.Set(ResilienceHandler.Streaming, true); // bounded by the patience, which knows whose turn it is
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<StoreBlobResponse>(RegistryJson.Options, patience.Token)
                ?? throw new HttpRequestException("StorageService answered null.");
        }
        catch (Exception failure) when (content.WriterFailure is { } cause && cause.SourceException != failure)
        {
            // The client wraps what stops an upload; the reason is what the caller has to know.
            cause.Throw();
            throw;
        }
        catch (OperationCanceledException late) when (patience.IsOver && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("StorageService took nothing, or did not answer, for a minute.", late);
        }
    }

    /// <summary>Writes a blob's bytes from an offset on to a stream.</summary>
    /// <exception cref="HttpRequestException">StorageService could not be reached, or does not have it.</exception>
    public async Task CopyAsync(string digest, long offset, Stream destination, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, PathOf(digest)) { Headers = { Range = new RangeHeaderValue(offset, null) } };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.EnsureSuccessStatusCode().StatusCode != HttpStatusCode.PartialContent)
        {
            throw new HttpRequestException("StorageService did not answer with the part that was asked for.");
        }

        await response.Content.CopyToAsync(destination, cancellationToken);
    }

    /// <summary>Removes a blob whose lease is older than this; whether it may go is the caller's to know.</summary>
    /// <returns>False when it was put again since, and stays.</returns>
    /// <exception cref="HttpRequestException">StorageService could not be reached or refused.</exception>
    public async Task<bool> DeleteAsync(string digest, DateTimeOffset leasedBefore, CancellationToken cancellationToken)
    {
        var before = Uri.EscapeDataString(leasedBefore.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"{PathOf(digest)}?leasedBefore={before}");
        using var response = await http.SendAsync(request, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.Conflict => false,
            HttpStatusCode.NotFound => true,
            _ => response.EnsureSuccessStatusCode() is not null,
        };
    }

    private static string PathOf(string digest) => StorageRoutes.Blob.Replace("{digest}", digest, StringComparison.Ordinal);

    /// <summary>Time that runs only while StorageService has to do something: how long the writer takes is the writer's affair.</summary>
    private sealed class UploadPatience(CancellationToken cancellationToken) : IDisposable
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
        private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        public CancellationToken Token => _source.Token;

        public bool IsOver => _source.IsCancellationRequested;

        public void Start() => _source.CancelAfter(Limit);

        public void Stop() => _source.CancelAfter(Timeout.InfiniteTimeSpan);

        public void Dispose() => _source.Dispose();
    }

    /// <summary>A body of unknown length, sent in chunks as it is written.</summary>
    private sealed class WrittenContent(Func<Stream, CancellationToken, Task> write, UploadPatience patience) : HttpContent
    {
        /// <summary>What made the writer stop, unless it was the connection.</summary>
        public ExceptionDispatchInfo? WriterFailure { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            using var upload = new UploadStream(stream, patience);
            try
            {
                await write(upload, cancellationToken);
            }
            catch (Exception failure)
            {
                WriterFailure = upload.IsBroken ? null : ExceptionDispatchInfo.Capture(failure);
                throw;
            }

            patience.Start(); // from here StorageService has to answer
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }

    private sealed class UploadStream(Stream connection, UploadPatience patience) : Stream
    {
        public bool IsBroken { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            patience.Start();
            try
            {
                await connection.WriteAsync(buffer, patience.Token);
            }
            catch
            {
                IsBroken = true;
                throw;
            }

            patience.Stop();
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
