namespace Registry.AuthService.Accounts;

/// <summary>How introspections and events name a credential.</summary>
internal static class CredentialId
{
    public static string OfToken(string tokenId) => $"token:{tokenId}";

    public static string OfPassword(string accountId) => $"password:{accountId}";

    /// <summary>Stands for whatever credential an account has.</summary>
    public static string OfAccount(string accountId) => $"account:{accountId}";
}
