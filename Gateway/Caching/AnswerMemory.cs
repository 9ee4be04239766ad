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

    public AnswerMemory(GatewayLayout layout, CacheMetrics metrics, TimeProvider clock)
    {
        _kept = new EvictableCache<AnswerKey, KeptAnswer>(new CacheLimits(MaxEntries, layout.CacheBytes), clock);
        metrics.Observe("answers", () => Tally);
    }

    /// <summary>What it holds and what it has done.</summary>
    public CacheTally Tally => _kept.Tally;

    /// <summary>Looks an answer up; see <see cref="EvictableCache{TKey,TValue}.Find"/>.</summary>
    public CacheLookup<KeptAnswer> Find(AnswerKey key) => _kept.Find(key);

    /// <summary>The answer held, or null; starts no fill.</summary>
    public KeptAnswer? Peek(AnswerKey key) => _kept.Peek(key);

    /// <summary>Forgets a package.</summary>
    public void Evict(string repository, string package) => _kept.Evict(TagOf($"{repository}/{package}"));

    /// <summary>Forgets what came from upstreams.</summary>
    public void EvictUpstreams() => _kept.EvictWhere(static answer => answer.IsFromUpstream);

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
}
