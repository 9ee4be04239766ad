using System.Diagnostics;
using System.Diagnostics.Metrics;

using Microsoft.Extensions.Options;

namespace Registry.StorageService.Blobs;

/// <summary>
/// What every store has in common, so that each stays plain: a span and a measurement per operation, bytes counted both ways, and
/// the size limit, which is enforced while the bytes arrive.
/// </summary>
internal sealed class ObservedBlobStore : IBlobStore
{
    private static readonly ActivitySource Spans = new("Registry.StorageService");

    private readonly IBlobStore _store;
    private readonly KeyValuePair<string, object?> _tag;
    private readonly long _maxBlobBytes;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _bytesIn;
    private readonly Counter<long> _bytesOut;

    public ObservedBlobStore(IBlobStore store, IOptions<StorageOptions> options, IMeterFactory meters)
    {
        _store = store;
        _tag = new("store", store is FileSystemBlobStore ? "disk" : "s3");
        _maxBlobBytes = options.Value.MaxBlobBytes;
#pragma warning disable CA2000 // the factory owns its meters
        var meter = meters.Create("registry.storage");
#pragma warning restore CA2000
        _duration = meter.CreateHistogram<double>("registry.storage.operation.duration", "s", "Time an operation of the blob store takes; opening only, for reads");
        _bytesIn = meter.CreateCounter<long>("registry.storage.bytes_in", "By", "Bytes put, stored or not");
        _bytesOut = meter.CreateCounter<long>("registry.storage.bytes_out", "By", "Bytes read");
    }

    public Task<BlobInfo?> StatAsync(BlobKey key, CancellationToken cancellationToken) =>
        ObserveAsync("stat", key, () => _store.StatAsync(key, cancellationToken), blob => blob is null ? "absent" : "found");

    public async Task<Stream?> OpenReadAsync(BlobKey key, long offset, CancellationToken cancellationToken) =>
        await ObserveAsync("open", key, () => _store.OpenReadAsync(key, offset, cancellationToken), content => content is null ? "absent" : "found")
            is { } content
            ? new MeteredStream(content, long.MaxValue, bytes => _bytesOut.Add(bytes, _tag))
            : null;

    public Task<PutOutcome> PutAsync(Stream content, BlobKey? expected, CancellationToken cancellationToken) =>
        ObserveAsync("put", expected, () => PutWithinLimitAsync(content, expected, cancellationToken), WordFor);

    public Task<bool> DeleteAsync(BlobKey key, DateTimeOffset leasedBefore, CancellationToken cancellationToken) =>
        ObserveAsync("delete", key, () => _store.DeleteAsync(key, leasedBefore, cancellationToken), removed => removed ? "removed" : "kept");

    public IAsyncEnumerable<BlobInfo> ListAsync(BlobKey? startAfter, CancellationToken cancellationToken) =>
        _store.ListAsync(startAfter, cancellationToken);

    public Task ProbeAsync(CancellationToken cancellationToken) => _store.ProbeAsync(cancellationToken);

    public ValueTask<Uri?> GetDownloadUriAsync(BlobKey key, TimeSpan lifetime, CancellationToken cancellationToken) =>
        _store.GetDownloadUriAsync(key, lifetime, cancellationToken);

    private static string WordFor(PutOutcome outcome) =>
        outcome switch
        {
            PutOutcome.Stored => "stored",
            PutOutcome.AlreadyStored => "already_stored",
            PutOutcome.DigestMismatch => "digest_mismatch",
            PutOutcome.TooLarge => "too_large",
            _ => throw new UnreachableException(),
        };

    private async Task<PutOutcome> PutWithinLimitAsync(Stream content, BlobKey? expected, CancellationToken cancellationToken)
    {
        await using var metered = new MeteredStream(content, _maxBlobBytes, bytes => _bytesIn.Add(bytes, _tag), leaveOpen: true);
        try
        {
            return await _store.PutAsync(metered, expected, cancellationToken);
        }
        catch (MeteredStream.LimitExceededException)
        {
            return new PutOutcome.TooLarge(_maxBlobBytes);
        }
    }

    private async Task<T> ObserveAsync<T>(string operation, BlobKey? key, Func<Task<T>> run, Func<T, string> describe)
    {
        using var span = Spans.StartActivity($"blob {operation}");
        span?.SetTag("registry.blob.digest", key?.ToString());
        var startedAt = Stopwatch.GetTimestamp();
        var outcome = "failed";
        try
        {
            var result = await run();
            outcome = describe(result);
            return result;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        finally
        {
            span?.SetTag("registry.outcome", outcome);
            span?.SetStatus(outcome == "failed" ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
            _duration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, _tag, new("operation", operation), new("outcome", outcome));
        }
    }
}
