using System.Net;

namespace Registry.Upstreams;

/// <summary>A registry cannot be asked, or answers what its protocol does not allow. That something is not there is no such failure.</summary>
public sealed class RegistryException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="registry">The registry's name.</param>
    /// <param name="failure">What went wrong.</param>
    /// <param name="message">A sentence without secrets.</param>
    /// <param name="cause">What it came from.</param>
    public RegistryException(string registry, RegistryFailure failure, string message, Exception? cause = null)
        : base($"The registry '{registry}' {message}", cause)
    {
        Registry = registry;
        Failure = failure;
    }

    /// <summary>The registry's name.</summary>
    public string Registry { get; }

    /// <summary>What went wrong.</summary>
    public RegistryFailure Failure { get; }

    /// <summary>The status it answered with, if it answered.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>How long it wants to be left alone (RFC 9110, 10.2.3), if it says so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>What went wrong with a registry.</summary>
public enum RegistryFailure
{
    /// <summary>Its name has no address, nothing listens there, or the connection broke.</summary>
    Unreachable,

    /// <summary>Its certificate is not trusted, or it speaks no TLS.</summary>
    Untrusted,

    /// <summary>It did not answer in time.</summary>
    TooSlow,

    /// <summary>It does not let us in: 401 or 403.</summary>
    Refused,

    /// <summary>It has had enough of us for now: 429, or what GitHub says with 403.</summary>
    RateLimited,

    /// <summary>It says that it failed: any other status its protocol does not allow.</summary>
    Failed,

    /// <summary>It answered what its protocol does not allow: no JSON, another package, a loop of redirects, too many bytes.</summary>
    BadAnswer,

    /// <summary>A tarball is not what its checksum promised, is not there although its version is, or is too large.</summary>
    BadTarball,
}
