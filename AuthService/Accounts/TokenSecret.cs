using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Registry.AuthService.Accounts;

/// <summary>Secrets this service makes: access tokens, invitation codes, passwords. Shown once, kept as SHA-256.</summary>
internal static partial class TokenSecret
{
    public const string Prefix = "reg_";
    private const int HintLength = 8;
    private const string PasswordAlphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>A new access token: the prefix and 256 random bits.</summary>
    public static string NewToken() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>A new invitation code: 160 random bits.</summary>
    public static string NewInvitation() => $"inv_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20))}";

    /// <summary>A new password: 24 characters that are hard to misread.</summary>
    public static string NewPassword() => RandomNumberGenerator.GetString(PasswordAlphabet, 24);

    /// <summary>True for what looks like a token of ours; anything else is a password.</summary>
    public static bool IsToken(string? text) => text is not null && Pattern().IsMatch(text);

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public static string Hint(string token) => token[..HintLength];

    [GeneratedRegex(@"\Areg_[A-Za-z0-9_-]{43}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
