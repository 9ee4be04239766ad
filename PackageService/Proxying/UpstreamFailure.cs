using Registry.Upstreams;

namespace Registry.PackageService.Proxying;

/// <summary>Why an upstream could not be asked, in a form that can be told to others.</summary>
/// <param name="Upstream">Its name.</param>
/// <param name="Kind">What went wrong.</param>
/// <param name="Message">A sentence without secrets.</param>
/// <param name="RetryAfter">How long it wants to be left alone, if it says so.</param>
internal sealed record UpstreamFailure(string Upstream, RegistryFailure Kind, string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>As an exception says it.</summary>
    public static UpstreamFailure Of(RegistryException failure) => new(failure.Registry, failure.Failure, failure.Message, failure.RetryAfter);

    /// <summary>As an exception.</summary>
    public RegistryException ToException()
    {
        var prefix = $"The registry '{Upstream}' ";
        return new RegistryException(Upstream, Kind, Message.StartsWith(prefix, StringComparison.Ordinal) ? Message[prefix.Length..] : Message) { RetryAfter = RetryAfter };
    }
}
