namespace Registry.AuthService.Accounts;

/// <summary>A code that signs up one account. Table <c>invitations</c>; only the code's SHA-256 is kept.</summary>
internal sealed class Invitation
{
    public required byte[] CodeHash { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}
