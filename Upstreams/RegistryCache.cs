namespace Registry.Upstreams;

/// <summary>How long a proxy may rely on what a registry said (M61, K28). A library that keeps nothing has no use for it.</summary>
public sealed record RegistryCache
{
    /// <summary>How long a packument is served without asking again.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after that it is still served at once, while it is asked for again (RFC 5861).</summary>
    public TimeSpan StaleWhileRevalidate { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after its age is over it is served when the registry fails (RFC 5861).</summary>
    public TimeSpan StaleIfError { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long "not found" is relied on. Failures never are.</summary>
    public TimeSpan NotFoundMaxAge { get; init; } = TimeSpan.FromMinutes(1);
}
