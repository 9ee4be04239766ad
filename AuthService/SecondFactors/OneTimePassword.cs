using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Registry.AuthService.SecondFactors;

/// <summary>
/// Time-based one-time passwords as every authenticator makes them (RFC 6238): HMAC-SHA-1, steps of 30 seconds, six digits. One step
/// to either side is accepted, for clocks that differ and people who type.
/// </summary>
internal static class OneTimePassword
{
    public const int Digits = 6;
    public const int StepSeconds = 30;
    private const int SecretBytes = 20;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>The step whose code this is, of those near <paramref name="now"/>; null when it is none of them.</summary>
    public static long? StepOf(string code, byte[] secret, DateTimeOffset now)
    {
        var sent = Encoding.UTF8.GetBytes(code);
        var current = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        for (var step = current - 1; step <= current + 1; step++)
        {
            found = CryptographicOperations.FixedTimeEquals(sent, Encoding.UTF8.GetBytes(CodeAt(step, secret))) ? step : found;
        }

        return found;
    }

    /// <summary>The code of a step.</summary>
    public static string CodeAt(long step, byte[] secret)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // what authenticators implement; as a keyed hash SHA-1 is not broken
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var value = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 0xf)) & int.MaxValue;
        return (value % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The <c>otpauth</c> address that authenticators read, usually from a picture. What it does not say is as above.</summary>
    public static string AddressOf(string issuer, string account, byte[] secret)
    {
        var from = Uri.EscapeDataString(issuer);
        return $"otpauth://totp/{from}:{Uri.EscapeDataString(account)}?secret={TextOf(secret)}&issuer={from}";
    }

    /// <summary>A secret in base 32 (RFC 4648), which 20 bytes fill without a rest.</summary>
    public static string TextOf(byte[] secret)
    {
        var text = new StringBuilder();
        var (bits, count) = (0, 0);
        foreach (var value in secret)
        {
            bits = (bits << 8) | value;
            for (count += 8; count >= 5; count -= 5)
            {
                text.Append(Base32[(bits >> (count - 5)) & 31]);
            }

            bits &= (1 << count) - 1;
        }

        return text.ToString();
    }
}
