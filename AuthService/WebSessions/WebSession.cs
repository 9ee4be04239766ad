namespace Registry.AuthService.WebSessions;

/// <summary>What somebody is asked to do on a page.</summary>
internal enum WebSessionKind
{
    /// <summary>Log in; whoever waits gets an access token.</summary>
    LogIn,

    /// <summary>Give the second factor; whoever waits gets a proof of it.</summary>
    SecondFactor,
}

/// <summary>
/// A client waits until somebody has done something on a page (npm protocol 3.2, 5). Table <c>web_sessions</c>, so that the page and
/// the one who waits may meet any replica. Of its secrets only SHA-256 is kept.
/// </summary>
internal sealed class WebSession
{
    public required string Id { get; init; }

    public WebSessionKind Kind { get; init; }

    /// <summary>Of the secret in the page's address.</summary>
    public required byte[] PageHash { get; init; }

    /// <summary>Of the secret in the address that the client polls.</summary>
    public required byte[] DoneHash { get; init; }

    /// <summary>The client's address, shown on the page.</summary>
    public string? ClientAddress { get; init; }

    /// <summary>What the client calls itself, shown on the page.</summary>
    public string? Client { get; init; }

    /// <summary>Who: for a log-in, known when it is approved.</summary>
    public string? AccountId { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? ApprovedAt { get; set; }

    /// <summary>When the client fetched what it waited for: it gets it once.</summary>
    public DateTimeOffset? CollectedAt { get; set; }

    /// <summary>SHA-256 of the proof that was fetched.</summary>
    public byte[]? ProofHash { get; set; }
}
