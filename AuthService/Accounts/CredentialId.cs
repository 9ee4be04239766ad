namespace Registry.AuthService.Accounts;

/// <summary>How introspections and events name a credential.</summary>
internal static class CredentialId
{
    private const string TokenPrefix = "token:";

    public static string OfToken(string tokenId) => TokenPrefix + tokenId;

    /// <summary>The id of the access token that a credential's id names; null for a password.</summary>
    public static string? TokenIn(string? credentialId) =>
        credentialId?.StartsWith(TokenPrefix, StringComparison.Ordinal) == true ? credentialId[TokenPrefix.Length..] : null;

    public static string OfPassword(string accountId) => $"password:{accountId}";

    /// <summary>Stands for whatever credential an account has.</summary>
    public static string OfAccount(string accountId) => $"account:{accountId}";
}
