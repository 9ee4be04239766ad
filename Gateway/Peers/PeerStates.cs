using System.Collections.Concurrent;
using System.Text.Json;

using Microsoft.Extensions.Diagnostics.HealthChecks;

using Registry.Gateway.Proxying;

namespace Registry.Gateway.Peers;

/// <summary>How the services are, as they last said themselves: one that is failed, degraded or silent makes the registry degraded.</summary>
internal sealed class PeerStates
{
    private readonly ConcurrentDictionary<string, HealthCheckResult> _states = new(StringComparer.Ordinal);

    public HealthCheckResult Of(string service) =>
        _states.TryGetValue(service, out var state) ? state : HealthCheckResult.Degraded("has not been asked yet");

    public void Set(string service, HealthCheckResult state) => _states[service] = state;
}

/// <summary>The health check of one service.</summary>
internal sealed class PeerHealthCheck(PeerStates states, string service) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(states.Of(service));
}

/// <summary>
/// Asks every replica for its health in the background, so that asking the Gateway costs and waits for nothing and requests go to
/// those that are well.
/// </summary>
internal sealed class PeerPolling(GatewayLayout layout, PeerStates states, ReplicaHealth health, IHttpClientFactory clients, TimeProvider clock) : BackgroundService
{
    public const string ClientName = "peer-health";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await Task.WhenAll(layout.Services.Select(service => AskAsync(service.Key, service.Value, stoppingToken)));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task AskAsync(string service, IReadOnlyList<Uri> replicas, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(replicas.Select(replica => AskReplicaAsync(replica, cancellationToken)));
        foreach (var (replica, answer) in replicas.Zip(answers))
        {
            health.Said(service, replica, isWell: answer is "ok" or "degraded");
        }

        var bad = answers.Where(answer => answer != "ok").ToList();
        states.Set(service, bad.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded(replicas.Count == 1 ? bad[0] : $"{bad.Count} of {replicas.Count} replicas: {bad[0]}"));
    }

    private async Task<string> AskReplicaAsync(Uri replica, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        try
        {
            using var client = clients.CreateClient(ClientName);
            using var answer = await client.GetAsync(new Uri(replica, "/health"), bounded.Token);
            var health = await answer.Content.ReadFromJsonAsync<HealthAnswer>(bounded.Token);
            return health?.Status is "ok" or "degraded" or "failed" ? health.Status : "answers with something unexpected";
        }
        catch (Exception silent) when (silent is HttpRequestException or JsonException)
        {
            return "unreachable";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "does not answer in time";
        }
    }

    private sealed record HealthAnswer(string? Status);
}
