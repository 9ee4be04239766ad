using Registry.Contracts.Http;
using Registry.Contracts.Http.Packages;

namespace Registry.Gateway.Caching;

/// <summary>
/// Public packuments and small tarballs in memory, forgotten by package. Names that look alike are one here: a package that is published
/// ends what an upstream answered under a name like its own (the name shield).
/// </summary>
internal sealed class AnswerMemory
{
    // One large document must not push out everything else.
    public const int MaxDocumentBytes = 8 * 1024 * 1024;
    public const int MaxTarballBytes = 512 * 1024;
    private const int MaxEntries = 100_000;

    private readonly EvictableCache<AnswerKey, KeptAnswer> _kept;
    private readonly long _mostInHand;
    private long _inHand;
    private volatile string? _upstreams;

    public AnswerMemory(GatewayLayout layout, CacheMetrics metrics, TimeProvider clock)
    {
        _mostInHand = layout.CacheBytes;
        _kept = new EvictableCache<AnswerKey, KeptAnswer>(new CacheLimits(MaxEntries, layout.CacheBytes), clock);
        metrics.Observe("answers", () => Tally);
    }

    /// <summary>What it holds and what it has done.</summary>
    public CacheTally Tally => _kept.Tally;

    /// <summary>
    /// Room for a body that is read as a whole and sent to the one who asked for it, however slowly he takes it: as much as is held beside it. False
    /// when there is none, and the body has to pass through.
    /// </summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _inHand, bytes) <= _mostInHand)
        {
            return true;
        }

        GiveBack(bytes);
        return false;
    }

    /// <summary>The body was sent.</summary>
    public void GiveBack(long bytes) => Interlocked.Add(ref _inHand, -bytes);

    /// <summary>Whether an answer came from the upstreams that the feed last told of: what a service that knows others says is for the one who asked.</summary>
    public bool KnowsUpstreams(string? stamp) => stamp == _upstreams;

    /// <summary>The feed tells which upstreams there are: what came from others is forgotten.</summary>
    public void UseUpstreams(string? stamp)
    {
        if (stamp != _upstreams)
        {
            _upstreams = stamp;
            EvictUpstreams();
        }
    }

    /// <summary>Looks an answer up; see <see cref="EvictableCache{TKey,TValue}.Find"/>.</summary>
    public CacheLookup<KeptAnswer> Find(AnswerKey key) => _kept.Find(key);

    /// <summary>The answer held, or null; starts no fill.</summary>
    public KeptAnswer? Peek(AnswerKey key) => _kept.Peek(key);

    /// <summary>Forgets a package.</summary>
    public void Evict(string repository, string package) => _kept.Evict(TagOf($"{repository}/{package}"));

    /// <summary>What an answer about a package is forgotten by.</summary>
    /// <param name="package"><c>{repository}/{name}</c>.</param>
    public static string TagOf(string package) => PackageNames.Fold(package);

    /// <summary>Forgets what a service says is not what it was.</summary>
    public void EvictChanged(HttpResponseMessage answer)
    {
        if (answer.Headers.TryGetValues(InternalHeaders.Changed, out var changed))
        {
            foreach (var package in changed.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)))
            {
                if (package == InternalHeaders.Upstreams)
                {
                    EvictUpstreams();
                }
                else
                {
                    _kept.Evict(TagOf(package));
                }
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _kept.Clear();

    private void EvictUpstreams() => _kept.EvictWhere(static answer => answer.IsFromUpstream);
}
