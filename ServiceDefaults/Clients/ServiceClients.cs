using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

using Registry.Contracts.Http;
using Registry.ServiceDefaults.Assertions;

namespace Registry.ServiceDefaults.Clients;

/// <summary>Typed clients for the other services.</summary>
public static class ServiceClients
{
    /// <summary>
    /// Registers a typed client whose base address is the service's, which signs each request with a service assertion,
    /// bounds it in time and repeats idempotent requests. The address comes from <c>services:{name}:http:0</c>
    /// (<c>services__{name}__http__0</c> in the environment, as Aspire injects it).
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configuration">Where the address is looked up.</param>
    /// <param name="service">The service to call: one of <see cref="ServiceNames"/>.</param>
    public static IHttpClientBuilder AddServiceClient<TClient>(
        this IServiceCollection services, IConfiguration configuration, string service)
        where TClient : class =>
        services
            .AddHttpClient<TClient>(client =>
            {
                client.BaseAddress = AddressOf(configuration, service);
                client.Timeout = Timeout.InfiniteTimeSpan; // bounded per attempt below; uploads take as long as they take
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(5),
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
            })
            .AddHttpMessageHandler(_ => new ResilienceHandler())
            .AddHttpMessageHandler(provider => new ServiceAssertionHandler(
                provider.GetRequiredService<AssertionCodec>(), provider.GetRequiredService<ServiceIdentity>(), service));

    /// <summary>The first address of a service.</summary>
    /// <exception cref="InvalidOperationException">It is not configured.</exception>
    public static Uri AddressOf(IConfiguration configuration, string service) =>
        Uri.TryCreate(configuration[$"services:{service}:http:0"], UriKind.Absolute, out var address)
            ? address
            : throw new InvalidOperationException(
                $"The address of the service '{service}' is not configured: set services__{service}__http__0 to its URL.");
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
