namespace Registry.AuthService.Throttling;

/// <summary>A counter that forgets. Table <c>throttles</c>, so that all replicas count together.</summary>
internal sealed class Throttle
{
    public required string Key { get; init; }

    public int Count { get; set; }

    /// <summary>From then on the counter stands at zero.</summary>
    public DateTimeOffset ExpiresAt { get; set; }
}
