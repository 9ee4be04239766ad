using Registry.Contracts.Http;

namespace Registry.Gateway.Mounts;

/// <summary>Which mount a request belongs to: exactly one, decided before anything is routed.</summary>
internal sealed class MountTable(IEnumerable<Mount> mounts)
{
    // A mount for the request's host comes before one for any host, a longer prefix before a shorter.
    private readonly Dictionary<string, Mount[]> _byListener = mounts
        .OrderByDescending(mount => mount.Host is not null)
        .ThenByDescending(mount => mount.Specificity)
        .GroupBy(mount => mount.Listener, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);

    /// <summary>Finds the mount.</summary>
    /// <param name="listener">Where the request came in.</param>
    /// <param name="host">Host name of the request, lower case, without port.</param>
    /// <param name="request">The request, for the fingerprints that decide on a shared root.</param>
    /// <param name="rawTarget">Its target.</param>
    /// <returns>The mount and the target below it, or null when nothing is mounted there.</returns>
    public MountMatch? Find(Listener listener, string host, HttpRequest request, string rawTarget)
    {
        MountMatch? first = null;
        foreach (var mount in _byListener.GetValueOrDefault(listener.Name, []))
        {
            if ((mount.Host is not null && mount.Host != host) || mount.Match(rawTarget) is not { } match)
            {
                continue;
            }

            if (first is null)
            {
                first = match;
                continue;
            }

            return IsSharedWith(first.Mount, mount) ? Choose(first, match, request) : first;
        }

        return first;
    }

    private static bool IsSharedWith(Mount one, Mount other) => one.Host == other.Host && one.Prefix == other.Prefix;

    private static MountMatch Choose(MountMatch one, MountMatch other, HttpRequest request)
    {
        var dialect = SharedRoot.DialectOf(request, one.Target);
        return one.Mount.Dialect == dialect ? one : other;
    }

    /// <summary>True for the only pair of dialects that may share a place.</summary>
    public static bool MayShare(Mount one, Mount other) =>
        (one.Dialect, other.Dialect) is (Dialects.Npm, Dialects.Pantry) or (Dialects.Pantry, Dialects.Npm);
}
