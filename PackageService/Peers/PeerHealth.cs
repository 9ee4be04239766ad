using Microsoft.Extensions.Diagnostics.HealthChecks;

using Registry.ServiceDefaults.Clients;

namespace Registry.PackageService.Peers;

/// <summary>Asks another service whether it is alive. Without it some requests fail, the others go on: degraded, not failed.</summary>
internal sealed class PeerHealth(HttpClient http) : IHealthCheck
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            using var response = await http.GetAsync("/alive", HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return response.IsSuccessStatusCode
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, "It is not alive");
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or OperationCanceledException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "It does not answer");
        }
    }
}

/// <summary>Registers the checks of peers.</summary>
internal static class PeerHealthExtensions
{
    /// <summary>Adds one check for each of the services.</summary>
    /// <exception cref="InvalidOperationException">The address of one is not configured.</exception>
    public static void AddPeerHealth(this WebApplicationBuilder builder, params IEnumerable<string> services)
    {
        foreach (var service in services)
        {
            var client = $"peer-health-{service}";
            builder.Services.AddHttpClient(client)
                .ConfigurePrimaryHttpMessageHandler(() => Connections.NewHandler(builder.Configuration))
                .AddReplicas(builder.Configuration, service);
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                service,
                provider => new PeerHealth(provider.GetRequiredService<IHttpClientFactory>().CreateClient(client)),
                HealthStatus.Degraded,
                tags: null));
        }
    }
}
