using Microsoft.Extensions.Configuration;

namespace Registry.ServiceDefaults.Clients;

/// <summary>
/// The addresses of a service's replicas, asked in turn. One that failed is asked last for some seconds: whoever calls
/// notices first that a replica is gone, long before anything tells it.
/// </summary>
public sealed class ServiceReplicas(IReadOnlyList<Uri> addresses, TimeProvider clock)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);
    private readonly long[] _failedAt = new long[addresses.Count];
    private int _turn = -1;

    /// <summary>How many there are.</summary>
    public int Count => addresses.Count;

    /// <summary>Every replica once: those that are well in turn, then those that failed lately.</summary>
    public IEnumerable<Uri> InTurn()
    {
        var first = (uint)Interlocked.Increment(ref _turn) % (uint)addresses.Count;
        var order = Enumerable.Range(0, addresses.Count).Select(i => (int)((first + (uint)i) % (uint)addresses.Count));
        return order.OrderBy(Rests).Select(i => addresses[i]);
    }

    /// <summary>A replica could not be reached, broke off, or is about to end.</summary>
    public void Failed(Uri address)
    {
        for (var i = 0; i < addresses.Count; i++)
        {
            if (ReferenceEquals(addresses[i], address))
            {
                Volatile.Write(ref _failedAt[i], clock.GetTimestamp());
            }
        }
    }

    /// <summary>The addresses of a service: <c>services:{name}:http:{n}</c>.</summary>
    /// <exception cref="InvalidOperationException">None is configured, or one is not a URL.</exception>
    internal static ServiceReplicas Of(IConfiguration configuration, string service, TimeProvider clock)
    {
        var texts = configuration.GetSection($"services:{service}:http").GetChildren()
            .Where(child => !string.IsNullOrEmpty(child.Value)).Select(child => (child.Key, child.Value)).ToList();
        if (texts.Count == 0)
        {
            throw new InvalidOperationException($"The address of the service '{service}' is not configured: set services__{service}__http__0 to its URL.");
        }

        return new ServiceReplicas(
            [
                .. texts.Select(text => Uri.TryCreate(text.Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                    ? address
                    : throw new InvalidOperationException($"services:{service}:http:{text.Key}: '{text.Value}' is not the URL of a service.")),
            ],
            clock);
    }

    private bool Rests(int i) => Volatile.Read(ref _failedAt[i]) is not 0 and var failed && clock.GetElapsedTime(failed) < Rest;
}

/// <summary>
/// Sends each request to one of the replicas. One that cannot be connected to has got nothing of the request, so the next
/// is asked at once, whatever the method; after any other failure it is up to <see cref="ResilienceHandler"/> whether to ask again.
/// </summary>
internal sealed class ReplicaHandler(ServiceReplicas replicas) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var target = request.RequestUri!.PathAndQuery;
        var left = replicas.Count;
        foreach (var address in replicas.InTurn())
        {
            left--;
            request.RequestUri = new Uri(address, target);
            try
            {
                var answer = await base.SendAsync(request, cancellationToken);
                if (ResilienceHandler.IsTransient(answer.StatusCode) || Ends(answer))
                {
                    replicas.Failed(address);
                }

                return answer;
            }
            catch (HttpRequestException failed)
            {
                replicas.Failed(address);
                if (left == 0 || failed.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError))
                {
                    throw;
                }
            }
        }

        throw new InvalidOperationException("A service has at least one replica.");
    }

    /// <summary>A service lets its connections go when it was asked to end (<see cref="Draining"/>): the next request could meet a closed door.</summary>
    private static bool Ends(HttpResponseMessage answer) => answer.Headers.ConnectionClose == true;
}
