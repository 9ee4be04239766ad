using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Options;

namespace Registry.AuthService.SecondFactors;

/// <summary>
/// Encrypts secrets shared with authenticators: unlike a password they must be read again, so a copy of the database alone must not
/// give them away. AES-256-GCM; the account is bound in, so that a row moved to another account is worth nothing. The text is a
/// version, the nonce, the tag and the encrypted secret.
/// </summary>
internal sealed class SecretProtection(IOptions<SecondFactorOptions> options)
{
    private const byte Version = 1;
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int Overhead = 1 + NonceBytes + TagBytes;

    // The option is a text of any length; what AES gets has 256 bits and is used for nothing else.
    private readonly byte[]? _key = options.Value.Key is { Length: > 0 } text
        ? HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(text), KeyBytes, info: "registry second factor"u8.ToArray())
        : null;

    /// <summary>There is a key.</summary>
    public bool IsPossible => _key is not null;

    public byte[] Protect(byte[] secret, string accountId)
    {
        using var aes = new AesGcm(_key ?? throw new InvalidOperationException("SecondFactor:Key is not set."), TagBytes);
        var text = new byte[Overhead + secret.Length];
        text[0] = Version;
        RandomNumberGenerator.Fill(text.AsSpan(1, NonceBytes));
        aes.Encrypt(
            text.AsSpan(1, NonceBytes), secret, text.AsSpan(Overhead), text.AsSpan(1 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(accountId));
        return text;
    }

    /// <summary>The secret; null when this key does not open it.</summary>
    public byte[]? Unprotect(byte[] text, string accountId)
    {
        if (_key is null || text.Length <= Overhead || text[0] != Version)
        {
            return null;
        }

        try
        {
            using var aes = new AesGcm(_key, TagBytes);
            var secret = new byte[text.Length - Overhead];
            aes.Decrypt(
                text.AsSpan(1, NonceBytes), text.AsSpan(Overhead), text.AsSpan(1 + NonceBytes, TagBytes), secret, Encoding.UTF8.GetBytes(accountId));
            return secret;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
