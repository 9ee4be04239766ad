using System.Security.Cryptography;
using System.Text.Json.Serialization;

using Registry.AuthService.Accounts;
using Registry.ServiceDefaults;

namespace Registry.AuthService.Features.Tokens;

/// <summary>
/// What <c>npm token create</c> sends (protocol 3.10): npm 6 to 10 <c>readonly</c> and <c>cidr_whitelist</c> alone, npm 11 a name, limits and
/// permissions.
/// </summary>
internal sealed record NpmTokenRequest(string? Password, string? Name, string? Description)
{
    [JsonPropertyName("readonly")]
    public bool? ReadOnly { get; init; }

    [JsonPropertyName("cidr_whitelist")]
    public string?[]? Cidrs { get; init; }

    /// <summary>In days.</summary>
    public int? Expires { get; init; }

    public string?[]? Packages { get; init; }

    [JsonPropertyName("packages_all")]
    public bool? AllPackages { get; init; }

    public string?[]? Scopes { get; init; }

    public string?[]? Orgs { get; init; }

    [JsonPropertyName("packages_and_scopes_permission")]
    public string? PackagesPermission { get; init; }

    [JsonPropertyName("orgs_permission")]
    public string? OrgsPermission { get; init; }

    [JsonPropertyName("bypass_2fa")]
    public bool? BypassesSecondFactor { get; init; }
}

/// <summary>An access token as npm's clients list it. npm calculates the id it shows from <c>key</c>.</summary>
internal sealed record NpmTokenDocument(string Token, string Key, bool Automation, string? Name, string? Description, string Created, string Updated)
{
    [JsonPropertyName("readonly")]
    public bool ReadOnly { get; init; }

    [JsonPropertyName("cidr_whitelist"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Cidrs { get; init; }

    [JsonPropertyName("bypass_2fa")]
    public bool BypassesSecondFactor { get; init; }

    public string? Expires { get; init; }

    public IReadOnlyList<string>? Packages { get; init; }

    public IReadOnlyList<string>? Scopes { get; init; }

    public IReadOnlyList<string>? Orgs { get; init; }

    /// <summary>The document of a token; with its secret the one time that is known.</summary>
    public static NpmTokenDocument Of(AccessToken token, string? secret = null) =>
        new(
            secret ?? token.Hint,
            Convert.ToHexStringLower(SHA512.HashData(token.Hash)),
            token.BypassesSecondFactor,
            token.Name,
            token.Description,
            IsoTime.Of(token.CreatedAt),
            IsoTime.Of(token.CreatedAt))
        {
            ReadOnly = token.ReadOnly,
            Cidrs = token.Cidrs,
            BypassesSecondFactor = token.BypassesSecondFactor,
            Expires = token.ExpiresAt is { } end ? IsoTime.Of(end) : null,
            Packages = token.Packages,
            Scopes = token.Scopes,
            Orgs = token.Organisations,
        };
}

/// <summary>A page of access tokens. npm reads <c>urls.next</c> unconditionally, so <c>urls</c> is always there.</summary>
internal sealed record NpmTokenPage(IReadOnlyList<NpmTokenDocument> Objects, int Total, NpmTokenPageUrls Urls);

/// <summary>Where the next page is, relative to the mount; null for nowhere.</summary>
internal sealed record NpmTokenPageUrls(string? Next);
