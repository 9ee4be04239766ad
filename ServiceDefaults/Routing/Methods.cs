namespace Registry.ServiceDefaults.Routing;

/// <summary>Groups of HTTP methods.</summary>
public static class Methods
{
    /// <summary>What reads: whatever answers GET answers HEAD (RFC 9110, 9.1).</summary>
    public static IReadOnlyList<string> Read { get; } = ["GET", "HEAD"];
}
