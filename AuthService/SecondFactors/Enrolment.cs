namespace Registry.AuthService.SecondFactors;

/// <summary>What an account's second factor is needed for (npm protocol 5).</summary>
internal enum SecondFactorMode
{
    /// <summary>Whatever its password protects: logging in, making tokens, changing the password or the second factor.</summary>
    AuthOnly,

    /// <summary>That, and every write.</summary>
    AuthAndWrites,
}

/// <summary>An account's second factor: pending until a code has confirmed it. Table <c>second_factors</c>.</summary>
internal sealed class Enrolment
{
    public required string AccountId { get; init; }

    /// <summary>The secret shared with the authenticator, encrypted.</summary>
    public required byte[] Secret { get; set; }

    public SecondFactorMode Mode { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when it is in force; null while pending.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }
}

/// <summary>A code that takes the authenticator's place once. Table <c>recovery_codes</c>; only its SHA-256 is kept.</summary>
internal sealed class RecoveryCode
{
    public required string AccountId { get; init; }

    public required byte[] Hash { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>A code that was accepted, and for what: for anything else it is worth nothing any more. Table <c>spent_codes</c>.</summary>
internal sealed class SpentCode
{
    public required string AccountId { get; init; }

    /// <summary>SHA-256 that stands for the code: of the time step, the recovery code, or the proof from a page.</summary>
    public required byte[] Code { get; init; }

    /// <summary>SHA-256 of the operation it was accepted for.</summary>
    public required byte[] Operation { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}
