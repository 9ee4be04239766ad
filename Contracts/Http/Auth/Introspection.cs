namespace Registry.Contracts.Http.Auth;

/// <summary>Asks AuthService who a credential belongs to.</summary>
/// <param name="Secret">The access token, or the password when <paramref name="UserName"/> is given.</param>
/// <param name="UserName">Name sent with Basic authentication; null otherwise. The secret may be a token or a password then.</param>
/// <param name="ClientAddress">The client's address, for throttling and a token's address limits.</param>
public sealed record IntrospectRequest(string Secret, string? UserName, string? ClientAddress);

/// <summary>Who a credential belongs to.</summary>
/// <param name="Caller">The identity; <see cref="Caller.Rejected"/> when the credential is not valid.</param>
/// <param name="RetryAfterSeconds">Set when the attempt was not even checked because too many failed before it.</param>
/// <param name="ExpiresAt">When the credential stops being valid by itself, UTC.</param>
public sealed record IntrospectResponse(Caller Caller, int? RetryAfterSeconds = null, DateTimeOffset? ExpiresAt = null);
