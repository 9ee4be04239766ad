using Registry.PackageService.Data;
using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>How new an answer has to be.</summary>
internal enum Freshness
{
    /// <summary>What was ever answered will do: a version never changes.</summary>
    Any,

    /// <summary>As new as the upstream's configuration says.</summary>
    Normal,

    /// <summary>The client asks for what there is right now.</summary>
    Latest,
}

/// <summary>Where an answer came from.</summary>
internal enum CacheState
{
    /// <summary>Kept, and new enough.</summary>
    Fresh,

    /// <summary>Kept and older than it should be: the upstream is asked at the same time, or could not be asked.</summary>
    Stale,

    /// <summary>The upstream said that what is kept still holds.</summary>
    Revalidated,

    /// <summary>The upstream answered with something new.</summary>
    Fetched,

    /// <summary>There is no answer.</summary>
    None,
}

/// <summary>What came of looking for a package at an upstream.</summary>
/// <param name="Known">What is known of the packument; null when the upstream does not have it, or nothing is known.</param>
/// <param name="State">Where that came from.</param>
/// <param name="Failure">Why the upstream could not be asked; may come with a stale answer.</param>
internal sealed record PackumentLookup(KnownPackument? Known, CacheState State, UpstreamFailure? Failure = null)
{
    /// <summary>The upstream has the package.</summary>
    public bool IsPresent => Known?.Revision is not null;

    /// <summary>The answer in a word, for people.</summary>
    public string Outcome => IsUnknown ? "failed" : IsPresent ? "found" : "not found";

    /// <summary>How long the upstream does not have to be asked again; zero when it should be asked already.</summary>
    /// <param name="cache">How long its word holds.</param>
    /// <param name="freshness">How new the answer has to be.</param>
    /// <param name="now">The time.</param>
    public TimeSpan HoldsFor(RegistryCache cache, Freshness freshness, DateTimeOffset now)
    {
        if (State is CacheState.Stale or CacheState.None || Failure is not null)
        {
            return TimeSpan.Zero;
        }

        var most = !IsPresent ? cache.NotFoundMaxAge : freshness == Freshness.Any ? TimeSpan.MaxValue : cache.MaxAge;
        return Known?.CheckedAt is { } checkedAt && most < TimeSpan.MaxValue ? most - (now - checkedAt) : most;
    }

    /// <summary>Nobody knows whether the upstream has it.</summary>
    public bool IsUnknown => State == CacheState.None;
}
