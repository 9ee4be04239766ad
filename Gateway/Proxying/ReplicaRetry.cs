using Microsoft.AspNetCore.Http.Features;

using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Registry.Gateway.Proxying;

/// <summary>
/// Asks another replica when one breaks: at once when it could not even be connected to, because then it has got nothing of the
/// request, whatever the method; else for reads only. The broken one is left alone for some seconds.
/// </summary>
internal sealed class ReplicaRetryMiddleware(RequestDelegate next, ReplicaHealth health)
{
    private const int MaxAttempts = 3;

    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var left = proxy.AvailableDestinations;
        for (var attempt = 1; ; attempt++)
        {
            await next(context); // which leaves the one it chose as the only available
            if (proxy.ProxiedDestination is not { } asked || !ReplicaHealth.IsBroken(context))
            {
                return;
            }

            health.Broke(proxy.Cluster.Config.ClusterId, asked);
            left = [.. left.Where(other => other != asked)];
            if (attempt == MaxAttempts || left.Count == 0 || !MayAskAgain(context))
            {
                return;
            }

            context.Response.Clear();
            context.Features.Set<IForwarderErrorFeature>(null);
            proxy.AvailableDestinations = left;
            proxy.ProxiedDestination = null;
        }
    }

    private static bool MayAskAgain(HttpContext context) =>
        !context.Response.HasStarted
        && !context.RequestAborted.IsCancellationRequested
        && (IsUnreached(context.GetForwarderErrorFeature())
            || ((HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
                && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }));

    private static bool IsUnreached(IForwarderErrorFeature? failure) =>
        failure?.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
}

/// <summary>Which replicas the Gateway sends requests to: all that are well, or all when none is.</summary>
internal sealed class ReplicaHealth(IProxyStateLookup clusters, IDestinationHealthUpdater updater)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    /// <summary>The replica, not the client, is why the request failed.</summary>
    public static bool IsBroken(HttpContext context) =>
        context.GetForwarderErrorFeature() is { Error: ForwarderError.Request or ForwarderError.ResponseHeaders }
        && !context.RequestAborted.IsCancellationRequested;

    /// <summary>A request to the replica failed: it gets none for some seconds.</summary>
    public void Broke(string service, DestinationState replica)
    {
        if (clusters.TryGetCluster(service, out var cluster))
        {
            updater.SetPassive(cluster, replica, DestinationHealth.Unhealthy, Rest);
        }
    }

    /// <summary>What the replica says of itself when asked.</summary>
    public void Said(string service, Uri address, bool isWell)
    {
        if (clusters.TryGetCluster(service, out var cluster)
            && cluster.Destinations.Values.FirstOrDefault(replica => replica.Model.Config.Address == address.ToString()) is { } found)
        {
            updater.SetActive(cluster, [new NewActiveDestinationHealth(found, isWell ? DestinationHealth.Healthy : DestinationHealth.Unhealthy)]);
        }
    }
}

/// <summary>
/// YARP's own policies look at its own probes; we ask each replica for more than that already (<see cref="Peers.PeerPolling"/>). When none is
/// well all get requests: a service whose database is away still has an answer of its own.
/// </summary>
internal sealed class WellOrAllPolicy : IAvailableDestinationsPolicy
{
    /// <summary>Its name in a cluster's configuration.</summary>
    public const string PolicyName = "WellOrAll";

    public string Name => PolicyName;

    public IReadOnlyList<DestinationState> GetAvailalableDestinations(ClusterConfig config, IReadOnlyList<DestinationState> allDestinations)
    {
        DestinationState[] well =
        [
            .. allDestinations.Where(static replica => replica.Health is { Active: not DestinationHealth.Unhealthy, Passive: not DestinationHealth.Unhealthy }),
        ];
        return well.Length > 0 ? well : allDestinations;
    }
}
