using System.Security.Cryptography;
using System.Text;

using Registry.PackageService.Packages;

namespace Registry.PackageService.Signing;

/// <summary>A P-256 key that signs versions the way npm's clients check them (npm protocol 3.9).</summary>
internal sealed class SigningKey : IDisposable
{
    private readonly ECParameters _key;
    private readonly Lock _one = new();
    private ECDsa? _signer; // kept: importing a key proves that it is one, which takes as long as several signatures

    private SigningKey(ECDsa key)
    {
        _key = key.ExportParameters(includePrivateParameters: true);
        PublicKey = key.ExportSubjectPublicKeyInfo();
        PrivateKey = key.ExportPkcs8PrivateKey();
        KeyId = $"SHA256:{Convert.ToBase64String(SHA256.HashData(PublicKey)).TrimEnd('=')}";
    }

    /// <summary>Names the key in documents.</summary>
    public string KeyId { get; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public byte[] PublicKey { get; }

    /// <summary>PKCS#8, DER.</summary>
    public byte[] PrivateKey { get; }

    /// <summary>A new key.</summary>
    public static SigningKey Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new SigningKey(key);
    }

    /// <summary>A key that was kept.</summary>
    /// <param name="privateKey">PKCS#8, DER.</param>
    public static SigningKey Import(byte[] privateKey)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(privateKey, out _);
        return new SigningKey(key);
    }

    /// <summary>A configured key.</summary>
    /// <returns>Null when the text is not the PEM of a private P-256 key.</returns>
    public static SigningKey? TryImport(string pem)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value ? new SigningKey(key) : null;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Signs a version, unless it is signed already.</summary>
    public void Sign(VersionFragments fragments, PackageVersion version, PackageName name)
    {
        if (fragments.Signature is not null)
        {
            return;
        }

        var signed = Encoding.UTF8.GetBytes($"{name}@{version.Version}:{version.Integrity}");
        fragments.SignatureKeyId = KeyId;
        lock (_one)
        {
            _signer ??= ECDsa.Create(_key);
            fragments.Signature = _signer.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _signer?.Dispose();
}
