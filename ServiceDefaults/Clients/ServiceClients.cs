using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

using Registry.Contracts.Http;
using Registry.ServiceDefaults.Assertions;

namespace Registry.ServiceDefaults.Clients;

/// <summary>Typed clients for the other services.</summary>
public static class ServiceClients
{
    /// <summary>
    /// Registers a typed client of a service, which signs each request with a service assertion, sends it to one of the
    /// service's replicas, bounds it in time and repeats idempotent requests. The addresses come from <c>services:{name}:http:{n}</c>
    /// (<c>services__{name}__http__0</c> in the environment, as Aspire injects it).
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configuration">Where the address is looked up.</param>
    /// <param name="service">The service to call: one of <see cref="ServiceNames"/>.</param>
    public static IHttpClientBuilder AddServiceClient<TClient>(
        this IServiceCollection services, IConfiguration configuration, string service)
        where TClient : class =>
        services
            .AddHttpClient<TClient>(client => client.Timeout = Timeout.InfiniteTimeSpan) // bounded per attempt below; uploads take as long as they take
            .ConfigurePrimaryHttpMessageHandler(() => Connections.NewHandler(configuration))
            .AddHttpMessageHandler(_ => new ResilienceHandler())
            .AddHttpMessageHandler(provider => new ServiceAssertionHandler(
                provider.GetRequiredService<AssertionCodec>(), provider.GetRequiredService<ServiceIdentity>(), service))
            .RemoveAllLoggers() // what they would write is filtered out
            .AddReplicas(configuration, service);

    /// <summary>Has a client's requests go to the replicas of a service; its base address is a placeholder then.</summary>
    /// <exception cref="InvalidOperationException">No address of the service is configured.</exception>
    public static IHttpClientBuilder AddReplicas(this IHttpClientBuilder client, IConfiguration configuration, string service)
    {
        var replicas = ServiceReplicas.Of(configuration, service, TimeProvider.System);
        client.Services.TryAddKeyedSingleton(service, replicas);
        return client
            .ConfigureHttpClient(http => http.BaseAddress = new Uri($"http://{service}/"))
            .AddHttpMessageHandler(provider => new ReplicaHandler(provider.GetRequiredKeyedService<ServiceReplicas>(service)));
    }
}

/// <summary>Signs a request of this service for the service it goes to, unless it already carries a user's assertion.</summary>
internal sealed class ServiceAssertionHandler(AssertionCodec codec, ServiceIdentity self, string audience) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Headers.Contains(InternalHeaders.Assertion))
        {
            request.Headers.Add(InternalHeaders.Assertion, codec.SignService(self.Name, audience));
        }

        return base.SendAsync(request, cancellationToken);
    }
}
