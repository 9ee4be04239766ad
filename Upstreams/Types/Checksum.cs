using System.Security.Cryptography;

namespace Registry.Upstreams.Types;

/// <summary>
/// What a tarball has to be: an SRI string (the strongest of several) or <c>sha512:</c>, <c>sha256:</c>, <c>sha1:</c> with hex (K24).
/// A bare SHA-1 in hex is npm's <c>shasum</c>.
/// </summary>
internal sealed record Checksum(HashAlgorithmName Algorithm, byte[] Digest)
{
    private static readonly (string Name, HashAlgorithmName Algorithm, int Bytes)[] Known =
        [("sha512", HashAlgorithmName.SHA512, 64), ("sha384", HashAlgorithmName.SHA384, 48), ("sha256", HashAlgorithmName.SHA256, 32), ("sha1", HashAlgorithmName.SHA1, 20)];

    /// <summary>It as an SRI string.</summary>
    public string Integrity => $"{Algorithm.Name!.ToLowerInvariant()}-{Convert.ToBase64String(Digest)}";

    /// <summary>It as npm's <c>shasum</c>; null when it is no SHA-1.</summary>
    public string? Shasum => Algorithm == HashAlgorithmName.SHA1 ? Convert.ToHexStringLower(Digest) : null;

    /// <summary>Reads one.</summary>
    /// <returns>Null when it is in no form that is known.</returns>
    public static Checksum? Parse(string text)
    {
        var parts = text.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return Known.Select(known => parts.Select(part => Of(part, known)).FirstOrDefault(found => found is not null)).FirstOrDefault(found => found is not null);
    }

    /// <summary>Whether these bytes are it.</summary>
    public bool Matches(ReadOnlySpan<byte> digest) => CryptographicOperations.FixedTimeEquals(digest, Digest);

    private static Checksum? Of(string part, (string Name, HashAlgorithmName Algorithm, int Bytes) known)
    {
        var (name, algorithm, bytes) = known;
        var digest = part.StartsWith($"{name}-", StringComparison.OrdinalIgnoreCase) ? FromBase64(part[(name.Length + 1)..].Split('?')[0])
            : part.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase) ? FromHex(part[(name.Length + 1)..])
            : algorithm == HashAlgorithmName.SHA1 && part.Length == 40 ? FromHex(part)
            : null;
        return digest?.Length == bytes ? new Checksum(algorithm, digest) : null;
    }

    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : null;
    }

    private static byte[]? FromHex(string text) =>
        text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null;
}
