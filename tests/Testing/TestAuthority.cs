using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Registry.Testing;

/// <summary>A certificate authority as a company has of its own, and certificates it issues.</summary>
public sealed class TestAuthority : IDisposable
{
    /// <summary>The key usage of a server's certificate.</summary>
    public const string ForServers = "1.3.6.1.5.5.7.3.1";

    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly X509Certificate2 _authority;

    /// <summary>Makes one.</summary>
    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=private authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(Now.AddDays(-10), Now.AddDays(10));
    }

    /// <summary>Its own certificate as PEM text.</summary>
    public string CertificatePem => _authority.ExportCertificatePem();

    /// <summary>Issues a certificate with its key.</summary>
    /// <param name="name">The name of the server.</param>
    /// <param name="days">For how long; negative: until so many days ago.</param>
    /// <param name="usage">What it is for.</param>
    /// <param name="issuerAt">Where it says that the authority's certificate is; null: nowhere.</param>
    public X509Certificate2 Issue(string name, int days = 1, string usage = ForServers, Uri? issuerAt = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (issuerAt is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerAt.AbsoluteUri]));
        }

        using var issued = request.Create(_authority, Now.AddDays(-5), Now.AddDays(days), RandomNumberGenerator.GetBytes(8));
        using var withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>A handler that trusts this authority and no other.</summary>
    public SocketsHttpHandler NewHandler() =>
        new()
        {
            UseProxy = false,
            SslOptions =
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { _authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };

    /// <inheritdoc/>
    public void Dispose() => _authority.Dispose();
}
