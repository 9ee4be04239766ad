namespace Registry.AuthService.Accounts;

/// <summary>Somebody who may log in. Table <c>accounts</c>.</summary>
internal sealed class Account
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The name as look-alikes share it; unique, so that none of them signs up.</summary>
    public required string FoldedName { get; init; }

    public string? Email { get; set; }

    public required string PasswordHash { get; set; }

    public bool IsAdministrator { get; init; }

    /// <summary>The person's own words: up to <see cref="ProfileRules.MaxLength"/> characters each, null for none.</summary>
    public string? FullName { get; set; }

    public string? Homepage { get; set; }

    public string? GitHub { get; set; }

    public string? Twitter { get; set; }

    public string? Freenode { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the profile was last changed; null for never.</summary>
    public DateTimeOffset? UpdatedAt { get; set; }

    /// <summary>Since when neither password nor tokens work; null while they do.</summary>
    public DateTimeOffset? DisabledAt { get; set; }
}
