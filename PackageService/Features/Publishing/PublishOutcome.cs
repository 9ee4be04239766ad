using Registry.PackageService.Packages;

namespace Registry.PackageService.Features.Publishing;

/// <summary>Who publishes, and where.</summary>
/// <param name="Repository">The mount's repository.</param>
/// <param name="Caller">The signed-in caller.</param>
/// <param name="NpmSession">The header <c>npm-session</c>, by which a repeated request is known.</param>
internal sealed record Publisher(string Repository, Contracts.Http.Caller Caller, string? NpmSession = null)
{
    private const int MaxSessionLength = 128;

    /// <summary>The session as it is kept; null when there is none or it is too long to be one.</summary>
    public string? Session => NpmSession is { Length: > 0 and <= MaxSessionLength } session ? session : null;
}

/// <summary>How a publish ended.</summary>
internal abstract record PublishOutcome
{
    private PublishOutcome()
    {
    }

    /// <summary>The version is there, published by this request or by an earlier one that it repeats.</summary>
    /// <param name="Revision">The package's revision.</param>
    /// <param name="Rev">npm's <c>_rev</c>.</param>
    internal sealed record Published(long Revision, string Rev) : PublishOutcome;

    /// <summary>The number is taken: the version exists, or existed once and was removed.</summary>
    /// <param name="Version">The version.</param>
    /// <param name="WasRemoved">It does not exist any more, and its number is never given out again.</param>
    internal sealed record VersionExists(SemVersion Version, bool WasRemoved) : PublishOutcome;

    /// <summary>Anything else; nothing was changed.</summary>
    internal sealed record Refused(Refusal Refusal) : PublishOutcome;
}
