using System.Buffers.Text;

namespace Registry.PackageService.Packages;

/// <summary>What a claimed integrity says about bytes whose digests are known.</summary>
internal enum IntegrityMatch
{
    /// <summary>The claim names the bytes.</summary>
    Same,

    /// <summary>The claim names other bytes.</summary>
    Different,

    /// <summary>The claim cannot be read, or uses only algorithms that nobody checks.</summary>
    Unreadable,
}

/// <summary>The digests of a tarball, in every spelling the protocols use.</summary>
/// <param name="Sha512">64 bytes.</param>
/// <param name="Sha256">32 bytes.</param>
/// <param name="Sha1">20 bytes, for the legacy <c>shasum</c>.</param>
internal sealed record Integrity(byte[] Sha512, byte[] Sha256, byte[] Sha1)
{
    private const int MaxLength = 4096;

    /// <summary><c>dist.integrity</c>: <c>sha512-</c> and base64, by the rules of Subresource Integrity.</summary>
    public string Sri => $"sha512-{Convert.ToBase64String(Sha512)}";

    /// <summary><c>dist.shasum</c>: SHA-1 in lower-case hexadecimal digits.</summary>
    public string Shasum => Convert.ToHexStringLower(Sha1);

    /// <summary>The key of the blob: <c>sha256:</c> and lower-case hexadecimal digits.</summary>
    public string Digest => $"sha256:{Convert.ToHexStringLower(Sha256)}";

    /// <summary>
    /// Compares a claimed <c>dist.integrity</c>, which may list several hashes. As the clients do, only the strongest
    /// algorithm counts, and one hash of it has to agree.
    /// </summary>
    public IntegrityMatch Compare(string claimedSri)
    {
        if (claimedSri.Length > MaxLength)
        {
            return IntegrityMatch.Unreadable;
        }

        var claims = claimedSri.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        foreach (var (prefix, digest) in new[] { ("sha512-", Sha512), ("sha256-", Sha256), ("sha1-", Sha1) })
        {
            var hashes = claims.Where(claim => claim.StartsWith(prefix, StringComparison.Ordinal)).Select(claim => Decode(claim[prefix.Length..])).ToArray();
            if (hashes.Any(hash => hash?.Length == digest.Length))
            {
                return hashes.Any(hash => hash.AsSpan().SequenceEqual(digest)) ? IntegrityMatch.Same : IntegrityMatch.Different;
            }
        }

        return IntegrityMatch.Unreadable;
    }

    /// <summary>Compares a claimed <c>dist.shasum</c>.</summary>
    public IntegrityMatch CompareShasum(string claimed) =>
        claimed.Length != 40 || !claimed.All(char.IsAsciiHexDigit) ? IntegrityMatch.Unreadable
        : claimed.Equals(Shasum, StringComparison.OrdinalIgnoreCase) ? IntegrityMatch.Same
        : IntegrityMatch.Different;

    private static byte[]? Decode(string hash)
    {
        var options = hash.IndexOf('?', StringComparison.Ordinal);
        var text = options < 0 ? hash : hash[..options];
        return Base64.IsValid(text) ? Convert.FromBase64String(text) : null;
    }
}
