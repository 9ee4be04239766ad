namespace Registry.Gateway.Caching;

/// <summary>Placeholder until the follower is merged.</summary>
internal sealed class Freshness
{
    public bool IsConfirmed { get; set; }
}
