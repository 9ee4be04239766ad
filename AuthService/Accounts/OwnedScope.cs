namespace Registry.AuthService.Accounts;

/// <summary>
/// A scope somebody owns. Table <c>scopes</c>. Every account owns the scope of its own name from the moment it exists,
/// so that claiming a scope and signing up under its name meet in one unique index.
/// </summary>
internal sealed class OwnedScope
{
    /// <summary>The scope without the <c>@</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>The scope as look-alikes share it; unique.</summary>
    public required string FoldedScope { get; init; }

    public required string AccountId { get; init; }

    public DateTimeOffset ClaimedAt { get; init; }
}
