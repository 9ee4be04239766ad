using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Registry.EndToEnd.Tests.Clients;

/// <summary>What an authenticator shows: six digits for each half minute (RFC 6238 with its defaults).</summary>
public static class OneTimeCode
{
    /// <summary>The code of this half minute.</summary>
    public static string Now(string secret) => At(secret, 0);

    /// <summary>The code of the next half minute, which a registry takes from clocks that are ahead.</summary>
    public static string Next(string secret) => At(secret, 1);

    private static string At(string secret, int later)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30) + later);
#pragma warning disable CA5350 // what authenticators compute
        var hash = HMACSHA1.HashData(FromBase32(secret), counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 0x0f)) & 0x7fffffff;
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.TrimEnd('=').Select(static letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(static bits => bits.Length == 8).Select(static bits => Convert.ToByte(new string(bits), 2))];
    }
}
