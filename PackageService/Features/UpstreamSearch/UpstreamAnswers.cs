using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;

using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

using Registry.Contracts.Http.Packages;
using Registry.PackageService.Proxying;
using Registry.Upstreams;

namespace Registry.PackageService.Features.UpstreamSearch;

/// <summary>
/// Asks an upstream once, however many search for the same, and keeps its answer for a minute. Nobody waits longer than the deadline; a
/// question goes on a while after it, so that an upstream which is slow has answered when the same is searched for again.
/// </summary>
internal sealed class UpstreamAnswers(IOptions<ProxyOptions> options, TimeProvider clock) : IDisposable
{
    private const int MostHits = 250;
    private const int MostAtOnce = 8;
    private const long MostKept = 8L * 1024 * 1024; // characters
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan GoOnFor = TimeSpan.FromSeconds(5);

    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MostKept });
    private readonly ConditionalWeakTable<Upstream, SemaphoreSlim> _slots = [];
    private readonly ConcurrentDictionary<SearchKey, Lazy<Task<IReadOnlyList<UpstreamHit>>>> _asking = new();

    /// <summary>What an upstream finds, as far as it says so before the deadline.</summary>
    /// <param name="upstream">The upstream; one that is configured anew is another.</param>
    /// <param name="text">What is searched for.</param>
    /// <param name="cancellationToken">Ends the wait, not the question.</param>
    public async Task<UpstreamAnswer> GetAsync(Upstream upstream, string text, CancellationToken cancellationToken)
    {
        var key = new SearchKey(upstream, text);
        if (_kept.TryGetValue(key, out IReadOnlyList<UpstreamHit>? kept))
        {
            return Answered(upstream, kept!, "fresh", TimeSpan.Zero);
        }

        var whyNot = upstream.Circuit.Rest > TimeSpan.Zero ? "wants to be left alone for a while." : "does not answer at the moment.";
        return upstream.Circuit.IsOpen
            ? Failed(upstream, "not asked", $"The registry '{upstream.Name}' {whyNot}", TimeSpan.Zero)
            : await AskAsync(key, cancellationToken);
    }

    public void Dispose() => _kept.Dispose();

    private async Task<UpstreamAnswer> AskAsync(SearchKey key, CancellationToken cancellationToken)
    {
        var upstream = key.Upstream;
        var started = clock.GetTimestamp();
        var deadline = TimeSpan.FromMilliseconds(options.Value.SearchMilliseconds);
        try
        {
            var asking = _asking.GetOrAdd(key, static (k, self) => new Lazy<Task<IReadOnlyList<UpstreamHit>>>(() => self.RunAsync(k)), this);
            return Answered(upstream, await asking.Value.WaitAsync(deadline, clock, cancellationToken), "fetched", clock.GetElapsedTime(started));
        }
        catch (TimeoutException)
        {
            var late = string.Create(CultureInfo.InvariantCulture, $"The registry '{upstream.Name}' did not answer within {deadline.TotalMilliseconds} ms.");
            return Failed(upstream, "too slow", late, clock.GetElapsedTime(started));
        }
        catch (RegistryException failure)
        {
            return Failed(upstream, "failed", failure.Message, clock.GetElapsedTime(started));
        }
    }

    private async Task<IReadOnlyList<UpstreamHit>> RunAsync(SearchKey key)
    {
        await Task.Yield();
        var (upstream, text) = key;
        using var limit = new CancellationTokenSource(GoOnFor, clock);
        try
        {
            var found = await SearchInTurnAsync(upstream, text, limit.Token);
            IReadOnlyList<UpstreamHit> hits = [.. found.Select(one => UpstreamHit.Of(upstream, one)).OfType<UpstreamHit>().Take(MostHits)];
            return _kept.Set(
                key, hits, new MemoryCacheEntryOptions { Size = 100 + text.Length + hits.Sum(static hit => hit.Weight), AbsoluteExpirationRelativeToNow = KeepFor });
        }
        catch (OperationCanceledException late) when (limit.IsCancellationRequested)
        {
            throw new RegistryException(upstream.Name, RegistryFailure.TooSlow, "did not answer in time.", late);
        }
        finally
        {
            _asking.TryRemove(key, out _);
        }
    }

    private async Task<IReadOnlyList<PackageMetadata>> SearchInTurnAsync(Upstream upstream, string text, CancellationToken cancellationToken)
    {
        var slots = _slots.GetValue(upstream, static one => new SemaphoreSlim(Math.Clamp(one.Config.MaxConnections / 4, 1, MostAtOnce))); // installations come first
        await slots.WaitAsync(cancellationToken);
        try
        {
            if (upstream.Circuit.IsOpen)
            {
                throw new RegistryException(upstream.Name, RegistryFailure.TooSlow, "does not answer at the moment."); // its next trial is for who installs
            }

            return await upstream.SearchAsync(text, cancellationToken);
        }
        finally
        {
            slots.Release();
        }
    }

    private static UpstreamAnswer Answered(Upstream upstream, IReadOnlyList<UpstreamHit> hits, string cache, TimeSpan took)
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"{hits.Count} found");
        return new UpstreamAnswer(hits, new UpstreamSearchQuestion(upstream.Name, "answered", cache, detail, Rounded(took)), IsFailure: false);
    }

    private static UpstreamAnswer Failed(Upstream upstream, string outcome, string message, TimeSpan took) =>
        new([], new UpstreamSearchQuestion(upstream.Name, outcome, null, message, Rounded(took)), IsFailure: true);

    private static double Rounded(TimeSpan took) => Math.Round(took.TotalMilliseconds, 1);

    /// <summary>A question to an upstream.</summary>
    private sealed record SearchKey(Upstream Upstream, string Text);
}
