using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Registry.Upstreams.Http;

/// <summary>Tells the ways apart in which a registry fails.</summary>
internal static class Failures
{
    /// <summary>What an answer that is neither the document nor its absence means.</summary>
    public static RegistryException Of(RegistryConfig config, HttpResponseMessage answer, TimeProvider clock)
    {
        var (failure, message) = answer.StatusCode switch
        {
            HttpStatusCode.Forbidden when IsSpent(answer) => (RegistryFailure.RateLimited, "has had enough of us for now"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => (RegistryFailure.Refused, "does not let us in"),
            HttpStatusCode.TooManyRequests => (RegistryFailure.RateLimited, "has had enough of us for now"),
            _ => (RegistryFailure.Failed, "failed"),
        };
        return new RegistryException(config.Name, failure, string.Create(CultureInfo.InvariantCulture, $"{message}: it answered {(int)answer.StatusCode}."))
        {
            Status = answer.StatusCode,
            RetryAfter = answer.Headers.RetryAfter switch
            {
                { Delta: { } delta } => delta,
                { Date: { } date } when date > clock.GetUtcNow() => date - clock.GetUtcNow(),
                _ => null,
            },
        };
    }

    /// <summary>GitHub says so with 403.</summary>
    private static bool IsSpent(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("x-ratelimit-remaining", out var left) && left.All(static value => value == "0");

    /// <summary>What an exception on the way means; null for one that is no failure of the registry's.</summary>
    public static RegistryException? Of(RegistryConfig config, Exception failure, CancellationToken ours) =>
        failure switch
        {
            HttpRequestException { InnerException: RegistryException known } => known, // what a connection was refused for
            OperationCanceledException when !ours.IsCancellationRequested =>
                new RegistryException(config.Name, RegistryFailure.TooSlow, "did not answer in time.", failure),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } or AuthenticationException =>
                new RegistryException(config.Name, RegistryFailure.Untrusted, "cannot prove who it is: its TLS certificate is not trusted, or it speaks no TLS.", failure),
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
                new RegistryException(config.Name, RegistryFailure.Unreachable, $"has no address: the name '{config.Url.Host}' cannot be resolved.", failure),
            InvalidDataException or UriFormatException or (InvalidOperationException and not ObjectDisposedException) =>
                new RegistryException(config.Name, RegistryFailure.BadAnswer, "answered with a broken compression, or named a host that is none.", failure),
            HttpRequestException or HttpIOException or SocketException or IOException =>
                new RegistryException(config.Name, RegistryFailure.Unreachable, "cannot be reached, or broke the connection.", failure),
            _ => null,
        };
}
