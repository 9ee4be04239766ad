namespace Registry.Contracts.Http.Auth;

/// <summary>Asks AuthService about the second factor that a request carries. An accepted code is spent: only the same operation may send it again.</summary>
/// <param name="UserId">Whose it has to be.</param>
/// <param name="Code">Six digits, a recovery code, or the proof from a page.</param>
/// <param name="Operation">What it is given for; equal for what a client does with one code.</param>
public sealed record SecondFactorRequest(string UserId, string Code, string Operation);

/// <summary>The answer to <see cref="SecondFactorRequest"/>.</summary>
/// <param name="Accepted">It is the account's.</param>
/// <param name="RetryAfterSeconds">Set when it was not even looked at because too many were wrong before it.</param>
public sealed record SecondFactorResponse(bool Accepted, int? RetryAfterSeconds = null);

/// <summary>Asks for a page on which somebody can give the second factor.</summary>
/// <param name="UserId">Whose it has to be.</param>
/// <param name="ClientAddress">The address of the client that waits.</param>
/// <param name="Client">What it calls itself.</param>
public sealed record SecondFactorPageRequest(string UserId, string? ClientAddress, string? Client);

/// <summary>A page that is open for five minutes. Both are null when the address has asked for too many.</summary>
/// <param name="PagePath">The page, below the mount.</param>
/// <param name="DonePath">What the client polls, below the mount.</param>
public sealed record SecondFactorPageResponse(string? PagePath, string? DonePath);
