using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Diagnostics.HealthChecks;

using Registry.Contracts.Http;
using Registry.Gateway.Blobs;
using Registry.Gateway.Caching;
using Registry.Gateway.Credentials;
using Registry.Gateway.Downloads;
using Registry.Gateway.Mounts;
using Registry.Gateway.Peers;
using Registry.Gateway.Proxying;
using Registry.Gateway.Tls;
using Registry.Messaging;
using Registry.Messaging.Changes;
using Registry.ServiceDefaults;
using Registry.ServiceDefaults.Clients;
using Registry.ServiceDefaults.Tls;

using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Registry.Gateway;

/// <summary>Builds the service from its configuration; its own program, Standalone and the tests all start here.</summary>
public static class GatewayApp
{
    // With a broker too: memory may be used only while its position was confirmed within two seconds.
    private static readonly TimeSpan PollChangesEvery = TimeSpan.FromSeconds(1);

    // Between "at once" for other Gateways' clients, and one question for each of many publishes.
    private static readonly TimeSpan GatherChangesFor = TimeSpan.FromMilliseconds(100);

    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="settings">Settings that win over all others, or null.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The section <c>Gateway</c> or an address of a service is not valid; names every fault.</exception>
    public static WebApplication Build(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        var builder = ServiceDefaultsExtensions.CreateServiceBuilder(ServiceNames.Gateway, args, settings);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None); // it would begin a trace for every request
        var layout = GatewayLayout.Read(builder.Configuration);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, layout));
        AddGateway(builder, layout);

        var app = builder.Build();
        app.UseMiddleware<TraceMiddleware>();
        app.UseErrorBodies();
        app.UseMiddleware<MountMiddleware>();
        app.UseMiddleware<CredentialMiddleware>();
        app.UseMiddleware<RouteMiddleware>();
        app.UseMiddleware<CountDownloadsMiddleware>();
        app.UseMiddleware<AnswerMemoryMiddleware>();
        app.UseStatusCodePages(); // from here on, and no earlier: whatever stands before memory costs its answers as much as they do themselves
        app.UseRouting();
        app.UseAuthorization(); // the proxy brings it, and it would be put first
        app.MapHealthEndpoints();
        app.MapReverseProxy(proxy =>
        {
            proxy.UseMiddleware<FailureMiddleware>();
            proxy.UseMiddleware<BlobHandOffMiddleware>();
            proxy.UseMiddleware<ReplicaRetryMiddleware>();
            proxy.UseLoadBalancing();
        });
        return app;
    }

    private static void AddGateway(WebApplicationBuilder builder, GatewayLayout layout)
    {
        var services = builder.Services;
        services.AddSingleton(layout);
        services.AddSingleton(layout.TrustedProxies);
        services.AddSingleton(new MountTable(layout.Mounts));
        services.AddSingleton<PublicUrls>();

        services.AddSingleton<CacheMetrics>();
        services.AddSingleton(new CredentialReader(layout.CredentialHeaders));
        services.AddServiceClient<AuthClient>(builder.Configuration, ServiceNames.Auth);
        services.AddSingleton<Introspections>();
        services.AddSingleton<UserAssertions>();
        services.AddSingleton<SecondFactorReader>();
        services.AddSingleton<SecondFactorPages>();

        services.AddSingleton<AnswerMemory>();
        services.AddSingleton<SharedBlobs>();

        services.AddServiceClient<DownloadsClient>(builder.Configuration, ServiceNames.Packages);
        services.AddSingleton<DownloadCounts>().AddHostedService<SendDownloads>();

        services.AddReverseProxy()
            .LoadFromMemory(Clusters.RouteConfigs, Clusters.ClusterConfigs(layout.Services));
        services.AddSingleton<IForwarderHttpClientFactory>(new ServiceConnectionFactory(PrivateCa.Load(builder.Configuration[PrivateCa.Setting])));
        services.AddSingleton<ITransformProvider, ServiceTransforms>();
        services.AddSingleton<IAvailableDestinationsPolicy, WellOrAllPolicy>();
        services.AddSingleton<ReplicaHealth>();
        AddPeers(services, builder.Configuration, layout);
        builder.AddChangesFollower<ForgetChangedPackages>(GatherChangesFor, PollChangesEvery);
        builder.AddMessaging(ServiceNames.Gateway, bus =>
        {
            bus.AddTemporaryConsumer<WakeOnPackageChanged>();
            bus.AddTemporaryConsumer<ForgetOnAccessTokenRevoked>();
        });
    }

    private static void AddPeers(IServiceCollection services, IConfiguration configuration, GatewayLayout layout)
    {
        services.AddSingleton<PeerStates>();
        services.AddHostedService<PeerPolling>();
        services.AddHttpClient(PeerPolling.ClientName, client => client.MaxResponseContentBufferSize = 64 * 1024)
            .ConfigurePrimaryHttpMessageHandler(() => Connections.NewHandler(configuration));
        var checks = services.AddHealthChecks();
        foreach (var service in layout.Services.Keys)
        {
            checks.Add(new HealthCheckRegistration(
                service, provider => new PeerHealthCheck(provider.GetRequiredService<PeerStates>(), service), HealthStatus.Degraded, tags: null));
        }
    }

    private static void Listen(KestrelServerOptions kestrel, GatewayLayout layout)
    {
        foreach (var listener in layout.Listeners)
        {
            foreach (var binding in listener.Bindings)
            {
                Listen(kestrel, binding, options =>
                {
                    options.Protocols = HttpProtocols.Http1;
                    options.Use(next => connection =>
                    {
                        connection.Features.Set(listener); // requests find it among their features
                        return next(connection);
                    });
                    UseTls(options, layout);
                });
            }
        }
    }

    private static void UseTls(ListenOptions options, GatewayLayout layout)
    {
        if (layout.Tls is { } certificate)
        {
            var logger = options.ApplicationServices.GetRequiredService<ILogger<TlsCertificate>>();
            options.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Current(logger)) });
        }
    }

    private static void Listen(KestrelServerOptions kestrel, Binding binding, Action<ListenOptions> configure)
    {
        if (binding.Address is null)
        {
            kestrel.ListenLocalhost(binding.Port, configure);
        }
        else if (binding.Address.Equals(System.Net.IPAddress.IPv6Any))
        {
            kestrel.ListenAnyIP(binding.Port, configure);
        }
        else
        {
            kestrel.Listen(binding.Address, binding.Port, configure);
        }
    }
}
