using System.Globalization;
using System.Net;

using Registry.Contracts.Http;
using Registry.ServiceDefaults.Clients;
using Registry.ServiceDefaults.Tls;

using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.LoadBalancing;

namespace Registry.Gateway.Proxying;

/// <summary>YARP's configuration, made from the services' addresses; several addresses of one service are its replicas.</summary>
internal static class Clusters
{
    /// <summary>
    /// How requests to services are bounded: not in length, since uploads take as long as they take, but in silence.
    /// Answers leave as they come.
    /// </summary>
    public static ForwarderRequestConfig Forwarding { get; } = new()
    {
        ActivityTimeout = TimeSpan.FromSeconds(100),
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        AllowResponseBuffering = false,
    };

    /// <summary>A route per service that answers clients, chosen by <see cref="RouteMiddleware"/>.</summary>
    public static IReadOnlyList<RouteConfig> RouteConfigs { get; } =
    [
        .. Routes.Table.Select(route => route.Service).OfType<string>().Distinct(StringComparer.Ordinal).Select(service => new RouteConfig
        {
            RouteId = service,
            ClusterId = service,
            Match = new RouteMatch { Path = $"/{service}" },
        }),
    ];

    /// <summary>A cluster per service, <see cref="ServiceNames.Storage"/> included, which is only reached for blobs.</summary>
    public static IReadOnlyList<ClusterConfig> ClusterConfigs(IReadOnlyDictionary<string, IReadOnlyList<Uri>> services) =>
    [
        .. services.Select(service => new ClusterConfig
        {
            ClusterId = service.Key,
            LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,
            HealthCheck = new HealthCheckConfig { AvailableDestinationsPolicy = WellOrAllPolicy.PolicyName },
            HttpRequest = Forwarding,
            Destinations = service.Value
                .Select((address, i) => (Name: string.Create(CultureInfo.InvariantCulture, $"{service.Key}-{i}"), Address: address))
                .ToDictionary(d => d.Name, d => new DestinationConfig { Address = d.Address.ToString() }, StringComparer.Ordinal),
        }),
    ];
}

/// <summary>The connections on which requests are passed on to services.</summary>
internal sealed class ServiceConnectionFactory(PrivateCa? authorities) : ForwarderHttpClientFactory
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = TimeSpan.FromSeconds(5);
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        authorities?.Configure(handler);
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new ResetOnConnectHandler { InnerHandler = base.WrapHandler(context, handler) };
}
