using System.Text;

namespace Registry.AuthService.Accounts;

/// <summary>What a new account's password and e-mail address must be like; each answers with the sentence to show, or null.</summary>
internal static class SignUpRules
{
    public const int MaxPasswordBytes = 1024;
    private const int MinPasswordLength = 8;
    private const int MaxEmailLength = 254;

    public static string? RefusalOfPassword(string password) =>
        password.Length < MinPasswordLength ? "A password has at least 8 characters"
        : IsOverlong(password) ? "A password has at most 1024 bytes"
        : TokenSecret.IsToken(password) ? "This is an access token, not a password: choose a password of your own"
        : null;

    /// <summary>Hashing works on all of it, so its length is bounded before any hashing.</summary>
    public static bool IsOverlong(string password) =>
        password.Length > MaxPasswordBytes || Encoding.UTF8.GetByteCount(password) > MaxPasswordBytes;

    /// <summary>Only what keeps nonsense out: whether mail arrives, only mail can tell.</summary>
    public static string? RefusalOfEmail(string? email)
    {
        if (string.IsNullOrEmpty(email))
        {
            return null;
        }

        var at = email.IndexOf('@', StringComparison.Ordinal);
        return email.Length <= MaxEmailLength
            && at > 0 && at < email.Length - 1 && at == email.LastIndexOf('@')
            && !email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>')
                ? null
                : "The e-mail address is not valid";
    }
}
