using System.Text.Json.Serialization;

namespace Registry.AuthService.Features.LoggingIn;

/// <summary>What npm's clients send to log in or sign up (protocol 3.2), as far as it is read.</summary>
internal sealed record NpmUserDocument(string? Name, string? Password, string? Email)
{
    [JsonPropertyName("readonly")]
    public bool? ReadOnly { get; init; }

    [JsonPropertyName("cidr_whitelist")]
    public string[]? Cidrs { get; init; }
}

/// <summary>The answer to a log-in. Without <c>token</c> npm would store the password.</summary>
internal sealed record NpmLoggedInDocument(string Ok, string Id, string Rev, string Token);

/// <summary>An account as <c>npm owner</c> reads it; both name and e-mail must be there.</summary>
internal sealed record NpmAccountDocument(
    [property: JsonPropertyName("_id")] string Id, string Name, string Email, string Type, IReadOnlyList<string> Roles);
