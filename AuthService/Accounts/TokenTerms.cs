using Registry.AuthService.Throttling;

namespace Registry.AuthService.Accounts;

/// <summary>What a new access token is to be; its values have been checked.</summary>
internal sealed record TokenGrant(string Name)
{
    public string? Description { get; init; }

    public bool ReadOnly { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public string[]? Packages { get; init; }

    public string[]? Scopes { get; init; }

    public string[]? Organisations { get; init; }

    public string[]? Cidrs { get; init; }

    public bool BypassesSecondFactor { get; init; }
}

/// <summary>What somebody asks a new access token to be, as it was sent. A list that is null is no limit.</summary>
internal sealed record TokenTerms(string Name)
{
    public const int MaxNameLength = 100;
    public const int MaxDescriptionLength = 500;
    private const int MaxLimits = 100;
    private const int MaxLimitLength = 214;
    private const int MaxLimitsLength = 8 * 1024; // of all names: every request with the token carries them
    private const int MaxDays = 3650;

    public string? Description { get; init; }

    public bool ReadOnly { get; init; }

    public int? ExpiresInDays { get; init; }

    public IReadOnlyList<string?>? Packages { get; init; }

    public IReadOnlyList<string?>? Scopes { get; init; }

    public IReadOnlyList<string?>? Organisations { get; init; }

    public IReadOnlyList<string?>? Cidrs { get; init; }

    public bool BypassesSecondFactor { get; init; }

    /// <summary>Why there can be no such token, as a sentence; null when there can.</summary>
    public string? Refusal() =>
        this switch
        {
            { Name.Length: 0 or > MaxNameLength } => "A token's name has 1 to 100 characters",
            { Description.Length: > MaxDescriptionLength } => "A token's description has at most 500 characters",
            _ when (Name + Description).Any(char.IsControl) => "A token's name and description have no control characters",
            { ExpiresInDays: < 1 or > MaxDays } => "A token expires after 1 to 3650 days, or never",
            _ when !AreUsable(Packages) || !AreUsable(Scopes) || !AreUsable(Organisations) =>
                "A token is limited to 1 to 100 packages, scopes or organisations, each named by at most 214 characters",
            _ when new[] { Packages, Scopes, Organisations }.SelectMany(static names => names ?? []).Sum(static name => name?.Length ?? 0) > MaxLimitsLength =>
                "The names of packages, scopes and organisations that a token is limited to have at most 8192 characters together",
            { Cidrs.Count: 0 or > MaxLimits } => "A token is limited to 1 to 100 address ranges",
            _ when Cidrs?.Any(range => ClientAddress.NormaliseRange(range ?? "") is null) == true => "An address range is not in CIDR notation",
            _ => null,
        };

    /// <summary>The grant these terms describe; only after <see cref="Refusal"/> found nothing.</summary>
    public TokenGrant Grant(DateTimeOffset now) =>
        new(Name)
        {
            Description = Description,
            ReadOnly = ReadOnly,
            ExpiresAt = ExpiresInDays is { } days ? now.AddDays(days) : null,
            Packages = Packages?.Select(name => name!).ToArray(),
            Scopes = Scopes?.Select(scope => scope!.TrimStart('@')).ToArray(),
            Organisations = Organisations?.Select(name => name!.TrimStart('@')).ToArray(),
            Cidrs = Cidrs?.Select(range => ClientAddress.NormaliseRange(range!)!).ToArray(),
            BypassesSecondFactor = BypassesSecondFactor,
        };

    /// <summary>An empty list would read as a limit and mean none, or everything: neither is what was asked for.</summary>
    private static bool AreUsable(IReadOnlyList<string?>? limits) =>
        limits is null || (limits.Count is > 0 and <= MaxLimits && limits.All(limit => limit is { Length: > 0 and <= MaxLimitLength } && !limit.Any(char.IsControl)));
}
