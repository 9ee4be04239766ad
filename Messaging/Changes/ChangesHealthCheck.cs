using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Registry.Messaging.Changes;

/// <summary>Degraded while the feed of changes cannot be followed, or is followed with delay.</summary>
internal sealed class ChangesHealthCheck(ChangesFollower follower) : IHealthCheck
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (follower.ConsecutiveFailures > 0)
        {
            return HealthCheckResult.Degraded($"cannot be followed right now; at position {follower.Position}");
        }

        return follower.IsConfirmedWithin(follower.PollInterval + Grace)
            ? HealthCheckResult.Healthy($"at position {follower.Position}")
            : HealthCheckResult.Degraded($"catching up: at position {follower.Position} of {follower.Head}");
    }
}
