using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Registry.StorageService.Blobs;

/// <summary>
/// The address of a blob: the SHA-256 of its bytes, written <c>sha256:{64 lower-case hexadecimal digits}</c>. There is no
/// other spelling, so a key can be part of a path and two keys are equal when their texts are.
/// </summary>
internal sealed record BlobKey : IParsable<BlobKey>
{
    private const string Prefix = "sha256:";
    private const int HexLength = SHA256.HashSizeInBytes * 2;

    private BlobKey(string hex) => Hex = hex;

    /// <summary>The 64 digits.</summary>
    public string Hex { get; }

    /// <summary>The key of a digest that was computed.</summary>
    public static BlobKey FromDigest(ReadOnlySpan<byte> digest) => new(Convert.ToHexStringLower(digest));

    /// <summary>Reads the digits alone, as they stand in a file's name.</summary>
    public static BlobKey? FromHex(string hex) =>
        hex.Length == HexLength && hex.All(char.IsAsciiHexDigitLower) ? new BlobKey(hex) : null;

    /// <inheritdoc/>
    public static BlobKey Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var key) ? key : throw new FormatException("A blob's key is sha256: and 64 lower-case hexadecimal digits.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out BlobKey result)
    {
        result = s is not null && s.StartsWith(Prefix, StringComparison.Ordinal) ? FromHex(s[Prefix.Length..]) : null;
        return result is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Prefix + Hex;
}
