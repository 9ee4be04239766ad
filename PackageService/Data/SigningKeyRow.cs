namespace Registry.PackageService.Data;

/// <summary>A key that versions are, or were, signed with. It stays for ever: what it signed is checked with it.</summary>
internal sealed class SigningKeyRow
{
    /// <summary><c>SHA256:</c> and the digest of <see cref="PublicKey"/>, base64 without padding.</summary>
    public required string KeyId { get; set; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public required byte[] PublicKey { get; set; }

    /// <summary>PKCS#8, DER; null for a key that comes from the configuration.</summary>
    public byte[]? PrivateKey { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Nothing published later is signed with it; null for the present one.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
}
