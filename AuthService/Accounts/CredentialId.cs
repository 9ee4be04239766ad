namespace Registry.AuthService.Accounts;

/// <summary>How introspections and events name a credential.</summary>
internal static class CredentialId
{
    public static string OfToken(string tokenId) => $"token:{tokenId}";

    public static string OfPassword(string accountId) => $"password:{accountId}";
}
