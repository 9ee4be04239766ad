using System.Collections.Concurrent;

using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Registry.PackageService.Features.Packuments;

/// <summary>
/// Renders each representation of a packument once, however many ask for it, and keeps it in bounded memory. A key names
/// the revision, so nothing has to be evicted for being wrong; what nobody asks for any more leaves by age or for room.
/// </summary>
internal sealed class PackumentCache : IDisposable
{
    private static readonly TimeSpan RenderWithin = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan IdleUncompressed = TimeSpan.FromMinutes(1); // large, and seldom more than what the others are made from

    private readonly ConcurrentDictionary<PackumentKey, Lazy<Task<Packument?>>> _rendering = new();
    private readonly MemoryCache _kept;
    private readonly SemaphoreSlim _slots;
    private readonly PackageMetrics _metrics;
    private readonly TimeProvider _clock;

    public PackumentCache(IOptions<PackumentOptions> options, PackageMetrics metrics, TimeProvider clock)
    {
        _metrics = metrics;
        _clock = clock;
        _slots = new SemaphoreSlim(options.Value.MaxRenderings);
        _kept = new MemoryCache(new MemoryCacheOptions { SizeLimit = options.Value.CacheBytes });
    }

    /// <summary>The representation, or null when the package was removed meanwhile. It may show a newer revision than asked for.</summary>
    /// <param name="key">Which representation.</param>
    /// <param name="write">Writes it, uncompressed, when it is not there.</param>
    /// <param name="keep">False for links that came from a request's <c>Host</c>: rendered for that request alone.</param>
    /// <param name="cancellationToken">Stops waiting; the rendering goes on for others.</param>
    public async Task<Packument?> GetAsync(
        PackumentKey key, Func<CancellationToken, Task<WrittenPackument?>> write, bool keep, CancellationToken cancellationToken)
    {
        if (_kept.TryGetValue(key, out Packument? kept))
        {
            _metrics.ServedPackument(fromMemory: true);
            return kept;
        }

        _metrics.ServedPackument(fromMemory: false);
        if (keep)
        {
            return await GetOrRenderAsync(key, write, cancellationToken);
        }

        return await RenderAsync(key, write, cancellationToken) is { } rendered ? await CompressAsync(key, rendered, cancellationToken) : null;
    }

    public void Dispose()
    {
        _kept.Dispose();
        _slots.Dispose();
    }

    private async Task<Packument?> GetOrRenderAsync(
        PackumentKey key, Func<CancellationToken, Task<WrittenPackument?>> write, CancellationToken cancellationToken)
    {
        if (_kept.TryGetValue(key, out Packument? kept))
        {
            return kept;
        }

        var rendering = _rendering.GetOrAdd(
            key, static (k, all) => new Lazy<Task<Packument?>>(() => all.Self.RenderAndKeepAsync(k, all.Write)), (Self: this, Write: write));
        return await rendering.Value.WaitAsync(cancellationToken);
    }

    private async Task<Packument?> RenderAndKeepAsync(PackumentKey key, Func<CancellationToken, Task<WrittenPackument?>> write)
    {
        using var deadline = new CancellationTokenSource(RenderWithin, _clock);
        try
        {
            var packument = key.Coding == PackumentCoding.Identity
                ? await RenderAsync(key, write, deadline.Token)
                : await GetOrRenderAsync(key with { Coding = PackumentCoding.Identity }, write, deadline.Token) is { } identity
                    ? await CompressAsync(key, identity, deadline.Token)
                    : null;
            if (packument is not null)
            {
                var idle = key.Coding == PackumentCoding.Identity ? IdleUncompressed : Idle;
                _kept.Set(packument.Key, packument, new MemoryCacheEntryOptions { Size = packument.Body.Length, SlidingExpiration = idle });
            }

            return packument;
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException("The packument could not be rendered in time.", late);
        }
        finally
        {
            _rendering.TryRemove(key, out _);
        }
    }

    private async Task<Packument?> RenderAsync(
        PackumentKey key, Func<CancellationToken, Task<WrittenPackument?>> write, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            var started = _clock.GetTimestamp();
            var written = await write(cancellationToken);
            _metrics.RenderedPackument(_clock.GetElapsedTime(started));
            return written is null ? null : new Packument(key with { Rev = written.Rev, Coding = PackumentCoding.Identity }, written.Body, written.ModifiedAt);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<Packument> CompressAsync(PackumentKey key, Packument identity, CancellationToken cancellationToken)
    {
        if (key.Coding == PackumentCoding.Identity)
        {
            return identity;
        }

        await _slots.WaitAsync(cancellationToken);
        try
        {
            return identity with { Key = identity.Key with { Coding = key.Coding }, Body = PackumentCompression.Compress(identity.Body, key.Coding) };
        }
        finally
        {
            _slots.Release();
        }
    }
}
