using System.Text.Json.Serialization;

namespace Registry.Contracts.Http;

/// <summary>
/// Who is asking, told by one process to another in the header <see cref="InternalHeaders.Assertion"/> as a compact JWS
/// signed with ES256 (RFC 7515). Lives at most 60 seconds and is checked when a request's headers arrive.
/// </summary>
public sealed record Assertion
{
    /// <summary>Who signed: a service name of <see cref="ServiceNames"/>.</summary>
    [JsonPropertyName("iss")]
    public required string Issuer { get; init; }

    /// <summary>The services it is meant for.</summary>
    [JsonPropertyName("aud")]
    public required IReadOnlyList<string> Audience { get; init; }

    /// <summary>On whose behalf the request is made.</summary>
    [JsonPropertyName("kind")]
    public required AssertionKind Kind { get; init; }

    /// <summary>When it was signed, seconds since 1970.</summary>
    [JsonPropertyName("iat")]
    public required long IssuedAt { get; init; }

    /// <summary>When it stops being valid, seconds since 1970.</summary>
    [JsonPropertyName("exp")]
    public required long ExpiresAt { get; init; }

    /// <summary>The caller, for <see cref="AssertionKind.User"/>; present for anonymous callers too.</summary>
    [JsonPropertyName("caller")]
    public Caller? Caller { get; init; }

    /// <summary>The mount the request belongs to, for <see cref="AssertionKind.User"/>.</summary>
    [JsonPropertyName("mount")]
    public MountContext? Mount { get; init; }

    /// <summary>The client's address as the Gateway sees it, for throttling and address limits.</summary>
    [JsonPropertyName("addr")]
    public string? ClientAddress { get; init; }
}

/// <summary>On whose behalf a request between processes is made.</summary>
public enum AssertionKind
{
    /// <summary>For a client of the registry; signed by the Gateway only; never opens <c>/internal</c>.</summary>
    User,

    /// <summary>For a service itself; opens <c>/internal</c> only.</summary>
    Service,
}

/// <summary>The identity behind a request, as AuthService resolved it.</summary>
public sealed record Caller
{
    /// <summary>What became of the credential the request carried.</summary>
    public required CredentialState Credential { get; init; }

    /// <summary>The account's id; null for anonymous.</summary>
    public string? UserId { get; init; }

    /// <summary>The account's name; null for anonymous.</summary>
    public string? UserName { get; init; }

    /// <summary>The account's e-mail address, when it has one.</summary>
    public string? Email { get; init; }

    /// <summary>May read and change everything.</summary>
    public bool IsAdministrator { get; init; }

    /// <summary>Ids of the organisations the account belongs to.</summary>
    public IReadOnlyList<string> OrganisationIds { get; init; } = [];

    /// <summary>Ids of the teams the account belongs to.</summary>
    public IReadOnlyList<string> TeamIds { get; init; } = [];

    /// <summary>Which credential was used: <c>token:{id}</c> or <c>password:{user id}</c>; null for anonymous.</summary>
    public string? CredentialId { get; init; }

    /// <summary>What the access token is limited to; null means no limit.</summary>
    public TokenLimits? Limits { get; init; }

    /// <summary>The account's second factor; null when it has none.</summary>
    public SecondFactor? SecondFactor { get; init; }

    /// <summary>A caller who sent no credential.</summary>
    public static Caller Anonymous { get; } = new() { Credential = CredentialState.None };

    /// <summary>A caller whose credential is unknown, expired or revoked.</summary>
    public static Caller Rejected { get; } = new() { Credential = CredentialState.Rejected };
}

/// <summary>What became of the credential a request carried.</summary>
public enum CredentialState
{
    /// <summary>There was none.</summary>
    None,

    /// <summary>It is valid.</summary>
    Accepted,

    /// <summary>It is unknown, expired, revoked, or not usable from this address.</summary>
    Rejected,
}

/// <summary>What an access token is limited to.</summary>
/// <param name="ReadOnly">Only reads.</param>
/// <param name="Packages">Full names it may be used for; null means any.</param>
/// <param name="Scopes">Scopes, without the <c>@</c>, it may be used for; null means any.</param>
public sealed record TokenLimits(bool ReadOnly, IReadOnlyList<string>? Packages, IReadOnlyList<string>? Scopes)
{
    /// <summary>Names of the organisations it reaches; null means those whose scope it reaches.</summary>
    public IReadOnlyList<string>? Organisations { get; init; }

    /// <summary>It reaches some packages, scopes or organisations only.</summary>
    [JsonIgnore]
    public bool IsNarrow => Packages is not null || Scopes is not null || Organisations is not null;

    /// <summary>Whether it reaches an organisation.</summary>
    /// <param name="scope">Its scope without the <c>@</c>.</param>
    public bool ReachesOrganisation(string scope) => !IsNarrow || (Organisations ?? Scopes)?.Contains(scope, StringComparer.Ordinal) == true;
}

/// <summary>The mount a request belongs to: listener and path prefix, with the dialect and repository behind it.</summary>
/// <param name="Name">The mount's name in the configuration.</param>
/// <param name="Dialect">One of <see cref="Dialects"/>.</param>
/// <param name="Repository">The repository it serves.</param>
/// <param name="PublicUrl">Prefix of every absolute URL in an answer, without a trailing slash.</param>
/// <param name="IsCanonical">True when <paramref name="PublicUrl"/> is configured or a bound address. False when it came from
/// the request's <c>Host</c>: the answer is then made for that request alone and must not be kept.</param>
/// <param name="UsesUpstreams">What is not published in the repository is asked of the upstreams. True for a Gateway that does not say it yet.</param>
public sealed record MountContext(string Name, string Dialect, string Repository, string PublicUrl, bool IsCanonical, bool UsesUpstreams = true);
