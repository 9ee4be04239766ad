namespace Registry.AuthService.Accounts;

/// <summary>What is kept of an access token: never the token itself. Table <c>access_tokens</c>.</summary>
internal sealed class AccessToken
{
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    /// <summary>SHA-256 of the token. No salt: 256 random bits cannot be guessed, and the row must be found by it.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>Its first characters, for people to recognise it by.</summary>
    public required string Hint { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public bool ReadOnly { get; init; }

    public string[]? Packages { get; init; }

    public string[]? Scopes { get; init; }

    /// <summary>Organisations it reaches; null means those whose scope it reaches.</summary>
    public string[]? Organisations { get; init; }

    public string[]? Cidrs { get; init; }

    /// <summary>It is for automation: writes need no second factor, unless the package demands one (protocol 5).</summary>
    public bool BypassesSecondFactor { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>It may do less than its account, or for a shorter time; such a token makes no other.</summary>
    public bool IsLimited => ReadOnly || Packages is not null || Scopes is not null || Organisations is not null || Cidrs is not null || ExpiresAt is not null;
}
